import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Kernel } from '../../src/commitment/claims.ts';
import { inv, mod, pow } from '../../src/commitment/field.ts';
import { createKzg, type Kzg, type Point } from '../../src/commitment/kzg.ts';
import { openWindow } from '../../src/commitment/opening.ts';
import { decodeOpening, type Opening } from '../../src/commitment/openingBytes.ts';
import { loadPoseidon2 } from '../../src/commitment/poseidon2.ts';
import type { Srs } from '../../src/commitment/srs.ts';
import { verifyOpening } from '../../src/commitment/verifyOpening.ts';
import { rank } from '../utils/linearAlgebra.ts';
import { claimOf, someWeights, windowFixture, zeroWeights } from '../utils/openingFixture.ts';
import { fieldElements } from '../utils/random.ts';
import { testSrs } from '../utils/srs.ts';

let srs: Srs;
let kzg: Kzg;
beforeAll(async () => {
  srs = await testSrs(65);
  kzg = await createKzg(srs);
});
afterAll(() => kzg.close());

/**
 * What an opening shows of a mask R, as linear functionals of R's 16 coefficients: R(tau), S1(tau) and S2(tau) in the exponent, the claim (the
 * constant term) and s2 = S2(1/z). Everything else that is shown follows from these and from public values.
 */
function functionals(kernel: Kernel, tau: bigint, z: bigint): bigint[][] {
  const rows: bigint[][] = [[], [], [], [], []];
  for (let k = 0; k < 16; k++) {
    const terms = new Map<number, bigint>();
    for (let i = 0; i < kernel.rows; i++) {
      for (let j = 0; j < kernel.columns; j++) {
        const exponent = k - (i * kernel.columns + j);
        const value = pow(kernel.row, BigInt(i)) * pow(kernel.column, BigInt(j));
        terms.set(exponent, mod((terms.get(exponent) ?? 0n) + value));
      }
    }
    const sum = (keep: (e: number) => boolean, x: bigint, exponent: (e: number) => number): bigint =>
      mod([...terms].reduce((total, [e, c]) => (keep(e) ? total + c * pow(x, BigInt(exponent(e))) : total), 0n));
    const values = [
      pow(tau, BigInt(k)),
      sum(
        (e) => e > 0,
        tau,
        (e) => e - 1,
      ),
      sum(
        (e) => e < 0,
        tau,
        (e) => -e - 1,
      ),
      terms.get(0) ?? 0n,
      sum(
        (e) => e < 0,
        inv(z),
        (e) => -e - 1,
      ),
    ];
    for (const [row, value] of values.entries()) rows[row]?.push(value);
  }
  return rows;
}

describe('the mask', () => {
  test('hides everything that an opening shows: its functionals have full rank, those of one row of 16 have not', () => {
    for (let i = 0; i < 20; i++) {
      const [b, tau, z] = fieldElements(`rank ${i}`, 3) as [bigint, bigint, bigint];
      expect(rank(functionals({ row: b, column: b, rows: 4, columns: 4 }, tau, z))).toBe(5);
      // (1 - b/Z) times one row's kernel is 1 - (b/Z)^16, so S1(tau) follows from R(tau) and the claim.
      expect(rank(functionals({ row: b, column: b, rows: 1, columns: 16 }, tau, z))).toBe(4);
    }
  });

  test('and sigma stop the guess of a model; without them the guess is confirmed', async () => {
    const sizes = [6, 5, 3];
    const guess = someWeights('window parent', sizes);
    const child = someWeights('window child', sizes);
    const pure = await kzg.commitCheckpoint(sizes, 4, guess);
    const noMask = Array.from({ length: 16 }, () => 0n);
    /** Does anything in this opening agree with the guess (which is the truth)? */
    const confirmed = (opening: Opening): boolean[] => {
      const [b, a, claim] = opening.outputs;
      return [
        (opening.checkpoints[0] as readonly Point[]).some((point, i) => point[0] === pure[i]?.[0]),
        claim === claimOf(sizes, guess, child, noMask, a, b),
      ];
    };
    const open = async (blinded: boolean, mask: readonly bigint[]): Promise<Opening> => {
      const fixture = await windowFixture(kzg, srs, { open: !blinded, mask });
      const bytes = await openWindow(kzg, fixture);
      expect(await verifyOpening({ ...fixture, opening: bytes })).toEqual({ valid: true });
      const opening = decodeOpening('train-window', bytes, fixture.parentPoints.length);
      if (typeof opening === 'string') throw new Error(opening);
      return opening;
    };
    for (let i = 0; i < 8; i++) expect(confirmed(await open(true, fieldElements(`mask ${i}`, 16)))).toEqual([false, false]);
    expect(confirmed(await open(true, noMask))).toEqual([false, true]);
    expect(confirmed(await open(false, fieldElements('mask', 16)))).toEqual([true, false]);
  }, 30_000);

  test('must be fresh: twice the same mask shows a difference of claims that a guess can be checked against', async () => {
    const sizes = [6, 5, 3];
    const reuse = async (label: string, mask: readonly bigint[]) => {
      const fixture = await windowFixture(kzg, srs, { open: false, label, mask, outputs: [11n, 13n] });
      return { claim: fixture.outputs[2], weights: [fixture.parent, fixture.child] as const };
    };
    const unmasked = ([parent, child]: readonly [Int32Array[], Int32Array[]] | readonly [readonly Int32Array[], readonly Int32Array[]]) =>
      claimOf(
        sizes,
        parent,
        child,
        Array.from({ length: 16 }, () => 0n),
        13n,
        11n,
      );
    const [mask, fresh] = [fieldElements('one mask', 16), fieldElements('another mask', 16)];
    const first = await reuse('first', mask);
    const second = await reuse('second', mask);
    const third = await reuse('second', fresh);
    const difference = mod(unmasked(first.weights) - unmasked(second.weights));
    expect(mod(first.claim - second.claim)).toBe(difference);
    expect(mod(first.claim - third.claim)).not.toBe(difference);
  });

  test('gives the same window other commitments, another z and another claim each time', async () => {
    const seen = new Set<bigint>();
    for (let i = 0; i < 4; i++) {
      const fixture = await windowFixture(kzg, srs, { open: false, mask: fieldElements(`again ${i}`, 16) });
      const opening = decodeOpening('train-window', await openWindow(kzg, fixture), fixture.parentPoints.length);
      if (typeof opening === 'string') throw new Error(opening);
      for (const value of [opening.outputs[2], opening.positive[0], opening.negative[0], opening.negativeValue, opening.quotients[0][0]]) {
        seen.add(value);
      }
    }
    expect(seen.size).toBe(20);
  });
});

describe('sketches that cancel', () => {
  test('pass an opening, and are stopped by drawing a after them', async () => {
    // e_1 + x and e_2 - x / rho leave E as it is: the opening cannot see it, so a must depend on every sketch.
    const p2 = await loadPoseidon2();
    const sizes = [6, 5, 3];
    const [parent, child, mask] = [someWeights('c parent', sizes), someWeights('c child', sizes), fieldElements('c mask', 16)];
    const b = 77n;
    const layers = [0, 1] as const;
    const column = (weights: readonly Int32Array[], l: 0 | 1, a: bigint): bigint => {
      const alone = zeroWeights(sizes);
      alone[l] = weights[l] as Int32Array;
      return claimOf(
        sizes,
        alone,
        zeroWeights(sizes),
        mask.map(() => 0n),
        a,
        b,
      );
    };
    // Stand-ins for y and u: any values that the transcript absorbs and the claims are linear in.
    const sketches = fieldElements('sketches', 5);
    const transcript = (values: readonly bigint[]): bigint => p2.sponge(4, [b, ...values]);
    const a = transcript(sketches);
    const rho = pow(a, 65536n);
    const claims = [...layers.map((l) => column(parent, l, a)), ...layers.map((l) => column(child, l, a))];
    const combine = (values: readonly bigint[], r: bigint): bigint => mod(values.reduce((sum, v, t) => sum + v * pow(r, BigInt(t)), 0n));
    const x = 5n;
    const cancelled = claims.map((claim, t) => (t === 0 ? claim + x : t === 1 ? mod(claim - x * inv(rho)) : claim));
    expect(combine(cancelled, rho)).toBe(combine(claims, rho));
    const moved = sketches.map((value, t) => (t === 0 ? value + x : value));
    const redrawn = transcript(moved);
    expect(redrawn).not.toBe(a);
    expect(combine(cancelled, pow(redrawn, 65536n))).not.toBe(combine(claims, pow(redrawn, 65536n)));
    // And with another a the weights' own E is another one: an opening of the old E cannot be made.
    const fixture = await windowFixture(kzg, srs, { sizes, parent, child, mask, outputs: [b, redrawn] });
    const stale = claimOf(sizes, parent, child, mask, a, b);
    await expect(openWindow(kzg, { ...fixture, outputs: [b, redrawn, stale] })).rejects.toMatchObject({ code: 'OPENING_CLAIM_MISMATCH' });
    expect(await verifyOpening({ ...fixture, opening: await openWindow(kzg, fixture) })).toEqual({ valid: true });
  });
});
