// Writes test/vectors/oneCheckpointOpenings.json: node test/vectors/oneCheckpointOpenings.ts
import { writeFileSync } from 'node:fs';
import { toHex } from 'viem';
import { createKzg } from '../../src/commitment/kzg.ts';
import { oneCheckpointCases } from '../utils/oneCheckpointCases.ts';
import { encodeShapeOf, type Kinded } from '../utils/openingCandidate.ts';
import { testSrs } from '../utils/srs.ts';

const srs = await testSrs(65);
const kzg = await createKzg(srs);
const shapes: { encoded: string; shape: Kinded['shape'] }[] = [];
const cases = [...(await oneCheckpointCases(kzg, srs, 'inference')), ...(await oneCheckpointCases(kzg, srs, 'well-formed'))];
const openings = cases.map(({ name, candidate, verdict }) => {
  const encoded = encodeShapeOf(candidate);
  let shape = shapes.findIndex((known) => known.encoded === encoded);
  if (shape < 0) shape = shapes.push({ encoded, shape: candidate.shape }) - 1;
  return {
    name,
    kind: candidate.kind,
    verdict,
    shape,
    chainId: candidate.chainId.toString(),
    verifier: candidate.verifier,
    circuitId: candidate.circuitId,
    statement: candidate.statement.map((word) => toHex(word, { size: 32 })),
    opening: toHex(candidate.opening),
  };
});
await kzg.close();
const plain = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? toHex(value, { size: 32 }) : value);
writeFileSync(new URL('oneCheckpointOpenings.json', import.meta.url), `${JSON.stringify({ shapes, openings }, plain, 1)}\n`);
