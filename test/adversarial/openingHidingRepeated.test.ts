import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blocksOf } from '../../src/commitment/blocks.ts';
import { type Claims, inferenceClaims, type Kernel, wellFormedClaims } from '../../src/commitment/claims.ts';
import { inv, mod, pow } from '../../src/commitment/field.ts';
import { createKzg, type Kzg } from '../../src/commitment/kzg.ts';
import { decodeOpening } from '../../src/commitment/openingBytes.ts';
import { loadPoseidon2, type Poseidon2, spongeTags } from '../../src/commitment/poseidon2.ts';
import type { Srs } from '../../src/commitment/srs.ts';
import { columnsOf, rank } from '../utils/linearAlgebra.ts';
import { inferenceClaimOf, type OneCheckpointOptions, oneCheckpointFixture, openFixture } from '../utils/oneCheckpointFixture.ts';
import { verifyCandidate } from '../utils/openingCandidate.ts';
import { someWeights } from '../utils/openingFixture.ts';
import { fieldElements } from '../utils/random.ts';
import { testSrs } from '../utils/srs.ts';

// One blinded checkpoint, opened again and again: what all openings together show is uniform, whatever the weights are.

const kinds = ['inference', 'well-formed'] as const;
const sizes = [6, 5, 3];
const blockLog = 4;
const blocks = blocksOf(sizes, blockLog);

/** What one opening shows of one of its polynomials' coefficients, `Z^exponent`: C(tau), S1(tau), S2(tau), E, s2. */
function shown(kernels: readonly { kernel: Kernel; coefficient: bigint }[], exponent: number, tau: bigint, z: bigint): bigint[] {
  const values = [pow(tau, BigInt(exponent)), 0n, 0n, 0n, 0n] as [bigint, bigint, bigint, bigint, bigint];
  for (const { kernel, coefficient } of kernels) {
    for (let i = 0; i < kernel.rows; i++) {
      for (let j = 0; j < kernel.columns; j++) {
        const e = exponent - (i * kernel.columns + j);
        const k = mod(coefficient * pow(kernel.row, BigInt(i)) * pow(kernel.column, BigInt(j)));
        if (e > 0) values[1] = mod(values[1] + k * pow(tau, BigInt(e - 1)));
        if (e < 0) values[2] = mod(values[2] + k * pow(tau, BigInt(-e - 1)));
        if (e === 0) values[3] = mod(values[3] + k);
        if (e < 0) values[4] = mod(values[4] + k * pow(inv(z), BigInt(-e - 1)));
      }
    }
  }
  return values;
}

/**
 * The matrix from the secrets (sigma of each block, the mask of each opening) to what everybody sees: the blocks' commitments, then five values
 * an opening. Weights add constants to it, nothing more.
 */
function view(kind: (typeof kinds)[number], openings: number, masks: number, sigmas: boolean): bigint[][] {
  const [tau] = fieldElements('tau of the view', 1) as [bigint];
  const rows: bigint[][] = [];
  const width = (sigmas ? blocks.length : 0) + 16 * masks;
  for (const i of blocks.keys()) {
    const row = Array.from({ length: width }, () => 0n);
    if (sigmas) row[i] = pow(tau, BigInt(2 ** blockLog));
    rows.push(row);
  }
  for (let opening = 0; opening < openings; opening++) {
    const [b, a, z] = fieldElements(`${kind} view ${opening}`, 3) as [bigint, bigint, bigint];
    // Of well-formed, one segment after the other.
    const claims: Claims =
      kind === 'inference' ? inferenceClaims(sizes, blockLog, a, b) : wellFormedClaims(sizes, blockLog, 2 * (opening % 3), 2, a, b);
    const termsOf = (source: number) => claims.terms.filter((term) => term.source === source);
    const columns: bigint[][] = [];
    if (sigmas) for (const i of blocks.keys()) columns.push(shown(termsOf(i), 2 ** blockLog, tau, z).with(0, 0n));
    for (let m = 0; m < masks; m++) {
      for (let k = 0; k < 16; k++) {
        const own = m === opening % masks;
        columns.push(own ? shown(termsOf(blocks.length), k, tau, z) : [0n, 0n, 0n, 0n, 0n]);
      }
    }
    rows.push(...columnsOf(columns));
  }
  return rows;
}

describe.each(kinds)('one checkpoint opened by %s', (kind) => {
  test('shows independent values in every opening, as long as each has its own mask', () => {
    for (const openings of [1, 2, 7]) expect(rank(view(kind, openings, openings, true))).toBe(blocks.length + 5 * openings);
    // Without sigma the commitments are what they are: only the openings are uniform.
    expect(rank(view(kind, 3, 3, false))).toBe(15);
  });

  test('leaks when a mask is used again', () => {
    // One mask has 16 coefficients; its commitment is seen once, four values with every use.
    const seen = [1, 2, 3, 4, 5, 8].map((uses) => rank(view(kind, uses, 1, true)) - blocks.length);
    expect(seen).toEqual([5, 9, 13, 16, 16, 16]);
    // Every value beyond these says something about the weights.
    expect(seen.map((found, i) => 1 + 4 * ([1, 2, 3, 4, 5, 8][i] as number) - found)).toEqual([0, 0, 0, 1, 5, 17]);
  });
});

describe('a guess of the model', () => {
  let srs: Srs;
  let kzg: Kzg;
  let p2: Poseidon2;
  beforeAll(async () => {
    srs = await testSrs(65);
    kzg = await createKzg(srs);
    p2 = await loadPoseidon2();
  });
  afterAll(() => kzg.close());

  const guess = someWeights('the model', sizes);
  const noMask = Array.from({ length: 16 }, () => 0n);

  /** What a proof shows, made as the circuit makes it: a is the digest of b, the sketches, the mask's claim and `last`. */
  function proved(b: bigint, mask: readonly bigint[], last: readonly bigint[]) {
    const sketches = rowSketches(b);
    const eR = maskClaim(mask, b);
    const a = p2.sponge(spongeTags.transcriptA, [b, ...sketches, eR, ...last]);
    return { a, b, claim: inferenceClaimOf(sizes, guess, mask, a, b) };
  }

  function rowSketches(b: bigint): bigint[] {
    return sizes
      .slice(1)
      .flatMap((columns, l) =>
        Array.from({ length: (sizes[l] as number) + 1 }, (_, i) =>
          mod(
            Array.from(
              { length: columns },
              (_, j) => BigInt((guess[l] as Int32Array)[i * columns + j] as number) * pow(b, BigInt(j)),
            ).reduce((sum, x) => sum + x, 0n),
          ),
        ),
      );
  }

  const maskClaim = (mask: readonly bigint[], b: bigint): bigint =>
    mod(mask.reduce((sum, r, k) => sum + r * pow(b, BigInt(Math.floor(k / 4) + (k % 4))), 0n));

  /** Whoever guesses right knows the sketches, from E the mask's claim, and so all that a is drawn from, but for what is secret in it. */
  function confirmed({ a, b, claim }: ReturnType<typeof proved>, last: readonly bigint[]): boolean {
    const eR = mod((claim - inferenceClaimOf(sizes, guess, noMask, a, b)) * inv(pow(a, 65536n * 2n)));
    return p2.sponge(spongeTags.transcriptA, [b, ...rowSketches(b), eR, ...last]) === a;
  }

  test('is confirmed by a, unless a absorbs the blinder too', () => {
    const mask = fieldElements('a mask', 16);
    const [b, blinder] = fieldElements('b and blinder', 2) as [bigint, bigint];
    expect(confirmed(proved(b, mask, []), [])).toBe(true);
    const hidden = proved(b, mask, [blinder]);
    expect(confirmed(hidden, [])).toBe(false);
    expect(confirmed(hidden, [0n])).toBe(false);
    // The check itself is right: with the blinder, which nobody sees, it finds what it looks for.
    expect(confirmed(hidden, [blinder])).toBe(true);
  });

  test.each(kinds)(
    'is not confirmed by twenty openings of %s; without sigma or mask it is',
    async (kind) => {
      const pure = await kzg.commitCheckpoint(sizes, blockLog, guess);
      const opened = async (options: OneCheckpointOptions) => {
        const fixture = await oneCheckpointFixture(kzg, srs, kind, { weights: guess, ...options });
        const bytes = await openFixture(kzg, fixture);
        expect(await verifyCandidate({ ...fixture, opening: bytes })).toEqual({ valid: true });
        const opening = decodeOpening(kind, bytes, blocks.length);
        if (typeof opening === 'string') throw new Error(opening);
        const [b, a] = fixture.outputs;
        const unmasked = (await oneCheckpointFixture(kzg, srs, kind, { weights: guess, mask: noMask, outputs: [b, a] })).outputs[2];
        const points = opening.checkpoints[0] ?? [];
        return {
          opening,
          found: [points.some((point, i) => point[0] === pure[i]?.[0]), opening.outputs[2] === unmasked],
        };
      };
      const seen = new Set<bigint>();
      for (let i = 0; i < 20; i++) {
        // The same sigma: it is one checkpoint. Fresh masks, and with them other challenges.
        const [b, a] = fieldElements(`${kind} again ${i}`, 2) as [bigint, bigint];
        const { opening, found } = await opened({ mask: fieldElements(`${kind} mask ${i}`, 16), outputs: [b, a] });
        expect(found).toEqual([false, false]);
        for (const x of [opening.outputs[2], opening.positive[0], opening.negative[0], opening.negativeValue, opening.quotients[0][0]])
          seen.add(x);
      }
      expect(seen.size).toBe(100);
      expect((await opened({ mask: noMask })).found).toEqual([false, true]);
      expect((await opened({ blinded: false })).found).toEqual([true, false]);
    },
    60_000,
  );
});
