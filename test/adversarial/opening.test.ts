import { readFileSync } from 'node:fs';
import { type Hex, hexToBytes } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pow, R } from '../../src/commitment/field.ts';
import { encodeShape, type Shape } from '../../src/commitment/ids.ts';
import { createKzg, type Kzg } from '../../src/commitment/kzg.ts';
import { openWindow } from '../../src/commitment/opening.ts';
import { decodeOpening } from '../../src/commitment/openingBytes.ts';
import type { Srs } from '../../src/commitment/srs.ts';
import { verifyOpening } from '../../src/commitment/verifyOpening.ts';
import { type Candidate, encodeShapeOf } from '../utils/openingCandidate.ts';
import { openingCases } from '../utils/openingCases.ts';
import { windowFixture } from '../utils/openingFixture.ts';
import { checkWith, commit, evaluate, forge, sourcesOf } from '../utils/openingForger.ts';
import { type OpeningHarness, openingHarness } from '../utils/openingHarness.ts';
import { integers } from '../utils/random.ts';
import { testSrs } from '../utils/srs.ts';

type Vectors = {
  shapes: { encoded: Hex; shape: Omit<Shape, 'g2Tau'> & { g2Tau: [Hex, Hex, Hex, Hex] } }[];
  openings: {
    name: string;
    verdict: string;
    shape: number;
    chainId: string;
    verifier: Hex;
    circuitId: Hex;
    open: boolean;
    statement: Hex[];
    opening: Hex;
  }[];
};

const vectors: Vectors = JSON.parse(readFileSync(new URL('../vectors/openings.json', import.meta.url), 'utf8'));
const candidates = vectors.openings.map((vector) => {
  const { shape } = vectors.shapes[vector.shape] as Vectors['shapes'][number];
  const [x1, x0, y1, y0] = shape.g2Tau;
  const candidate: Candidate = {
    ...vector,
    kind: 'train-window',
    shape: { ...shape, g2Tau: [BigInt(x1), BigInt(x0), BigInt(y1), BigInt(y0)] },
    chainId: BigInt(vector.chainId),
    statement: vector.statement.map((word) => BigInt(word)),
    opening: hexToBytes(vector.opening),
  };
  return { name: vector.name, verdict: vector.verdict, candidate };
});

let srs: Srs;
let kzg: Kzg;
let harness: OpeningHarness;
beforeAll(async () => {
  srs = await testSrs(65);
  kzg = await createKzg(srs);
  harness = await openingHarness();
}, 180_000);
afterAll(() => kzg.close());

describe('fixed vectors', () => {
  test('have the same verdict in TypeScript and on chain', async () => {
    for (const { name, verdict, candidate } of candidates) {
      expect.soft(await harness.agreed(candidate), name).toBe(verdict);
    }
    expect(candidates.filter(({ verdict }) => verdict === 'accepted').length).toBeGreaterThanOrEqual(8);
    expect(candidates.length).toBeGreaterThan(150);
  }, 180_000);

  test('are what the generator makes', async () => {
    const made = await openingCases(kzg, srs);
    expect(made.map(({ name, verdict, candidate }) => [name, verdict, encodeShapeOf(candidate), candidate.opening])).toEqual(
      candidates.map(({ name, verdict, candidate }) => [name, verdict, encodeShapeOf(candidate), candidate.opening]),
    );
  }, 180_000);
});

describe('malformed bytes', () => {
  test('flipped bits and truncations never throw, and both sides refuse them', async () => {
    const fixture = await windowFixture(kzg, srs);
    const opening = await openWindow(kzg, fixture);
    expect(await harness.agreed({ ...fixture, opening })).toBe('accepted');
    const verdicts = new Set<string>();
    for (const random of integers('bit flips', 300)) {
      const bytes = opening.slice();
      const bit = Number(random % BigInt(8 * bytes.length));
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
      const verdict = await harness.agreed({ ...fixture, opening: bytes });
      expect(verdict).not.toBe('accepted');
      verdicts.add(verdict);
    }
    expect([...verdicts]).toEqual(expect.arrayContaining(['OPENING_POINT_INVALID', 'OPENING_PAIRING']));
    for (let length = 0; length < opening.length; length++) {
      expect(await verifyOpening({ ...fixture, opening: opening.slice(0, length) })).toEqual({ valid: false, reason: 'OPENING_LENGTH' });
    }
  }, 180_000);

  test('shapes that are not one are refused, not thrown at', async () => {
    const fixture = await windowFixture(kzg, srs);
    const candidate = { ...fixture, opening: await openWindow(kzg, fixture) };
    const { shape } = fixture;
    const [x1, x0, y1, y0] = shape.g2Tau;
    const refused: Partial<Shape>[] = [
      { sizes: [6] },
      { sizes: [6, 5, 0] },
      { sizes: [6, 17, 3] },
      { sizes: [2 ** 16, 1, 1], blockLog: 28 },
      { sizes: [400, 5, 3] },
      { blockLog: 29 },
      { g2Tau: [0n, 0n, 0n, 0n] },
      { g2Tau: [x0, x1, y0, y1] },
      { g2Tau: [x1, x0, y1, y0 + 1n] },
      { srsId: shape.specId },
    ];
    for (const change of refused) {
      expect(await harness.agreed({ ...candidate, shape: { ...shape, ...change } })).toBe('OPENING_SHAPE_INVALID');
    }
    // Truths of the encoding that TypeScript, which is given the decoded shape, has no words for.
    const encoded = encodeShape(shape);
    const word = (i: number, value: string): Hex =>
      `${encoded.slice(0, 2 + 64 * i)}${value.padStart(64, '0')}${encoded.slice(66 + 64 * i)}` as Hex;
    const bytes: Hex[] = [
      '0x',
      `${encoded}00`,
      encoded.slice(0, -2) as Hex,
      word(3, '1a0'),
      word(12, '4'),
      word(13, '100000006'),
      word(7, '10001'),
    ];
    for (const wrong of bytes) expect((await harness.verify(candidate, wrong)).verdict, wrong).toBe(false);
    expect((await harness.verify(candidate, encoded)).verdict).toBe(true);
  });
});

describe('zero denominators', () => {
  test('z = 0 and a ratio of 1 in any geometric sum are refused for given challenges', async () => {
    const fixture = await windowFixture(kzg, srs, { sizes: [4, 4, 2] });
    const z = 0x1234567n;
    const kappa = 99n;
    const root = pow(5n, (R - 1n) / 4n);
    const [b, a] = fixture.outputs;
    const at = async (outputs: [bigint, bigint], point: bigint): Promise<[string, boolean]> => {
      // Any opening of the right form: its algebra is never reached, but for the control.
      const bytes = (await forge(await windowFixture(kzg, srs, { sizes: [4, 4, 2], outputs }), {}, 0n)).opening;
      const opening = decodeOpening('train-window', bytes, fixture.parentPoints.length);
      if (typeof opening === 'string') throw new Error(opening);
      const candidate = { ...fixture, opening: bytes };
      return [await checkWith(candidate, opening, point, kappa), await harness.check(candidate, point, kappa)];
    };
    const refused: [bigint, bigint][] = [
      [z, a],
      [pow(z, 2n), a],
      [pow(z, 4n), a],
      [(z * root) % R, a],
      [R - z, a],
      [b, z],
      [b, pow(z, 2n)],
      [b, pow(z, 4n)],
    ];
    for (const outputs of refused) expect(await at(outputs, z)).toEqual(['OPENING_CHALLENGE_ZERO', false]);
    expect(await at([b, a], 0n)).toEqual(['OPENING_CHALLENGE_ZERO', false]);
    // Beside them the algebra is reached, and refuses only because z is not the opening's own.
    expect(await at([z + 1n, a], z)).toEqual(['OPENING_PAIRING', false]);
    expect(await at([b, a], z)).toEqual(['OPENING_PAIRING', false]);
  });
});

describe('commitments', () => {
  test('of the forger are those of the committer', async () => {
    for (const open of [true, false]) {
      const fixture = await windowFixture(kzg, srs, { open });
      const points = await Promise.all(sourcesOf(fixture).map(commit));
      expect(points.slice(0, -1)).toEqual([...fixture.parentPoints, ...fixture.childPoints]);
      expect(points.at(-1)).toEqual(await kzg.commitMask(fixture.mask));
      expect(evaluate([1n, 2n, 3n], 10n)).toBe(321n);
    }
  });
});
