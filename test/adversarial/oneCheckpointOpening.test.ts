import { readFileSync } from 'node:fs';
import { type Hex, hexToBytes } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pow, R } from '../../src/commitment/field.ts';
import { createKzg, type Kzg } from '../../src/commitment/kzg.ts';
import { decodeOpening } from '../../src/commitment/openingBytes.ts';
import type { Srs } from '../../src/commitment/srs.ts';
import { oneCheckpointCases } from '../utils/oneCheckpointCases.ts';
import { oneCheckpointFixture, openFixture } from '../utils/oneCheckpointFixture.ts';
import { type Candidate, encodeShapeOf, verifyCandidate } from '../utils/openingCandidate.ts';
import { checkWith, forge } from '../utils/openingForger.ts';
import { type OpeningHarness, openingHarness } from '../utils/openingHarness.ts';
import { integers } from '../utils/random.ts';
import { testSrs } from '../utils/srs.ts';

// Openings of inference and well-formed. Those of windows, and what both share, are in opening.test.ts.

type Vectors = {
  shapes: { encoded: Hex; shape: Omit<Candidate['shape'], 'g2Tau'> & { g2Tau: [Hex, Hex, Hex, Hex] } }[];
  openings: {
    name: string;
    kind: 'inference' | 'well-formed';
    verdict: string;
    shape: number;
    chainId: string;
    verifier: Hex;
    circuitId: Hex;
    statement: Hex[];
    opening: Hex;
  }[];
};

const kinds = ['inference', 'well-formed'] as const;
const vectors: Vectors = JSON.parse(readFileSync(new URL('../vectors/oneCheckpointOpenings.json', import.meta.url), 'utf8'));
const candidates = vectors.openings.map((vector) => {
  const { shape } = vectors.shapes[vector.shape] as Vectors['shapes'][number];
  const candidate = {
    ...vector,
    shape: { ...shape, g2Tau: shape.g2Tau.map((word) => BigInt(word)) },
    open: false,
    chainId: BigInt(vector.chainId),
    statement: vector.statement.map((word) => BigInt(word)),
    opening: hexToBytes(vector.opening),
  } as unknown as Candidate;
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

/** The verdict of TypeScript, which is that of the contract. */
const verdictOf = (candidate: Candidate): Promise<string> => harness.agreed(candidate);

describe('fixed vectors', () => {
  test('have the same verdict in TypeScript and on chain', async () => {
    for (const { name, verdict, candidate } of candidates) expect.soft(await verdictOf(candidate), name).toBe(verdict);
    for (const kind of kinds) {
      const mine = candidates.filter(({ candidate }) => candidate.kind === kind);
      expect(mine.filter(({ verdict }) => verdict === 'accepted').length).toBeGreaterThanOrEqual(8);
      expect(mine.length).toBeGreaterThan(100);
    }
  }, 180_000);

  test('are what the generator makes', async () => {
    for (const kind of kinds) {
      const made = await oneCheckpointCases(kzg, srs, kind);
      expect(made.map(({ name, verdict, candidate }) => [name, verdict, encodeShapeOf(candidate), candidate.opening])).toEqual(
        candidates
          .filter(({ candidate }) => candidate.kind === kind)
          .map(({ name, verdict, candidate }) => [name, verdict, encodeShapeOf(candidate), candidate.opening]),
      );
    }
  }, 180_000);
});

describe.each(kinds)('an opening of %s', (kind) => {
  test('with a flipped bit, or cut short, is refused and never thrown at', async () => {
    const fixture = await oneCheckpointFixture(kzg, srs, kind);
    const opening = await openFixture(kzg, fixture);
    expect(await verdictOf({ ...fixture, opening })).toBe('accepted');
    const verdicts = new Set<string>();
    for (const random of integers(`${kind} flips`, 60)) {
      const bytes = opening.slice();
      const bit = Number(random % BigInt(8 * bytes.length));
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
      const verdict = await verdictOf({ ...fixture, opening: bytes });
      expect(verdict).not.toBe('accepted');
      verdicts.add(verdict);
    }
    expect([...verdicts]).toEqual(expect.arrayContaining(['OPENING_POINT_INVALID', 'OPENING_PAIRING']));
    for (let length = 0; length < opening.length; length++) {
      expect(await verifyCandidate({ ...fixture, opening: opening.slice(0, length) })).toEqual({ valid: false, reason: 'OPENING_LENGTH' });
    }
  }, 180_000);

  test('under a shape that is none is refused', async () => {
    const fixture = await oneCheckpointFixture(kzg, srs, kind);
    const candidate: Candidate = { ...fixture, opening: await openFixture(kzg, fixture) };
    const [x1, x0, y1, y0] = fixture.shape.g2Tau;
    const changes: object[] = [
      { sizes: [6, 5, 0] },
      { sizes: [400, 5, 3] },
      { blockLog: 29 },
      { g2Tau: [0n, 0n, 0n, 0n] },
      { g2Tau: [x0, x1, y0, y1] },
      { g2Tau: [x1, x0, y1, y0 + 1n] },
      { srsId: fixture.shape.specId },
      ...(kind === 'well-formed' ? [{ blocksPerProof: 0 }] : []),
    ];
    for (const change of changes) {
      expect(await verdictOf({ ...candidate, shape: { ...fixture.shape, ...change } } as Candidate)).toBe('OPENING_SHAPE_INVALID');
    }
    expect(await verdictOf(candidate)).toBe('accepted');
  });

  test('with z = 0 or a ratio of 1 in any geometric sum is refused, for given challenges', async () => {
    const sizes = [4, 4, 2];
    const z = 0x1234567n;
    const root = pow(5n, (R - 1n) / 4n);
    const fixture = await oneCheckpointFixture(kzg, srs, kind, { sizes });
    const [b, a] = fixture.outputs;
    const at = async (outputs: [bigint, bigint], point: bigint): Promise<string> => {
      const { opening } = await forge(await oneCheckpointFixture(kzg, srs, kind, { sizes, outputs }), {}, 0n);
      const decoded = decodeOpening(kind, opening, fixture.points.length);
      if (typeof decoded === 'string') throw new Error(decoded);
      const verdict = await checkWith({ ...fixture, opening }, decoded, point, 99n);
      expect(await harness.check({ ...fixture, opening }, point, 99n)).toBe(verdict === 'accepted');
      return verdict;
    };
    // Of every statement: the columns' ratio b/z and the mask's rows b/z^4.
    const refused: [bigint, bigint][] = [
      [z, a],
      [pow(z, 4n), a],
      ...(kind === 'inference'
        ? ([
            [b, pow(z, 4n)],
            [b, pow(z, 2n)],
          ] as [bigint, bigint][])
        : ([
            [(z * root) % R, a],
            [R - z, a],
          ] as [bigint, bigint][])),
    ];
    for (const outputs of refused) expect(await at(outputs, z)).toBe('OPENING_CHALLENGE_ZERO');
    expect(await at([b, a], 0n)).toBe('OPENING_CHALLENGE_ZERO');
    // Beside them the algebra is reached, and refuses only because z is not the opening's own.
    expect(await at([b, a], z)).toBe('OPENING_PAIRING');
    expect(await at([z + 1n, a], z)).toBe('OPENING_PAIRING');
  });

  test('is not made for a claim, a segment or a statement that is not its own', async () => {
    const fixture = await oneCheckpointFixture(kzg, srs, kind);
    const [b, a, claim] = fixture.outputs;
    const made = (changes: object) => openFixture(kzg, { ...fixture, ...changes });
    await expect(made({ outputs: [b, a, claim + 1n] })).rejects.toMatchObject({ code: 'OPENING_CLAIM_MISMATCH' });
    await expect(made({ mask: [1n] })).rejects.toMatchObject({ code: 'COMMITMENT_MASK_LENGTH' });
    await expect(made({ sigmas: [1n] })).rejects.toMatchObject({ code: 'COMMITMENT_FIELD_RANGE' });
    if (kind === 'inference') {
      await expect(made({ statement: [1n] })).rejects.toMatchObject({ code: 'OPENING_STATEMENT_RANGE' });
    } else {
      for (const segment of [1, -1, 0.5]) await expect(made({ segment })).rejects.toMatchObject({ code: 'OPENING_SEGMENT_RANGE' });
      const statement = [...fixture.statement.slice(0, 3), 3n];
      await expect(made({ segment: 3, statement })).rejects.toMatchObject({ code: 'OPENING_SEGMENT_RANGE' });
    }
    expect(await verdictOf({ ...fixture, opening: await made({}) })).toBe('accepted');
  });

  test.each([
    ['a last block that is the bias row alone', { sizes: [4, 4, 4] }],
    ['blocks of one row', { sizes: [3, 4, 4], blockLog: 2 }],
    ['four layers', { sizes: [5, 4, 3, 2, 4] }],
    ['one neuron each', { sizes: [1, 1, 1], blockLog: 1 }],
    ['blocks smaller than the mask', { sizes: [3, 2, 2], blockLog: 3 }],
  ])('is accepted where it is honest: %s', async (label, options) => {
    for (const blinded of [true, false]) {
      const fixture = await oneCheckpointFixture(kzg, srs, kind, { ...options, blinded, label });
      expect(await verdictOf({ ...fixture, opening: await openFixture(kzg, fixture) })).toBe('accepted');
    }
  });
});
