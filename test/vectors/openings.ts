// Writes test/vectors/openings.json: node test/vectors/openings.ts
import { writeFileSync } from 'node:fs';
import { toHex } from 'viem';
import type { Shape } from '../../src/commitment/ids.ts';
import { createKzg } from '../../src/commitment/kzg.ts';
import { encodeShapeOf } from '../utils/openingCandidate.ts';
import { openingCases } from '../utils/openingCases.ts';
import { testSrs } from '../utils/srs.ts';

const srs = await testSrs(65);
const kzg = await createKzg(srs);
const shapes: { encoded: string; shape: Shape }[] = [];
const openings = (await openingCases(kzg, srs)).map(({ name, candidate, verdict }) => {
  const encoded = encodeShapeOf(candidate);
  let shape = shapes.findIndex((known) => known.encoded === encoded);
  if (shape < 0) shape = shapes.push({ encoded, shape: candidate.shape as Shape }) - 1;
  return {
    name,
    verdict,
    shape,
    chainId: candidate.chainId.toString(),
    verifier: candidate.verifier,
    circuitId: candidate.circuitId,
    open: candidate.open,
    statement: candidate.statement.map((word) => toHex(word, { size: 32 })),
    opening: toHex(candidate.opening),
  };
});
await kzg.close();
const plain = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? toHex(value, { size: 32 }) : value);
writeFileSync(new URL('openings.json', import.meta.url), `${JSON.stringify({ shapes, openings }, plain, 1)}\n`);
