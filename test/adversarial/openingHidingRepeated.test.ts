import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blocksOf } from '../../src/commitment/blocks.ts';
import { circomTranscript } from '../../src/commitment/circomTranscript.ts';
import { type Claims, inferenceClaims, type Kernel, wellFormedClaims } from '../../src/commitment/claims.ts';
import { inv, mod, pow } from '../../src/commitment/field.ts';
import { createKzg, type Kzg } from '../../src/commitment/kzg.ts';
import { decodeOpening } from '../../src/commitment/openingBytes.ts';
import { loadPoseidon2, type Poseidon2, spongeTags } from '../../src/commitment/poseidon2.ts';
import type { Srs } from '../../src/commitment/srs.ts';
import { buildCircomInferenceWitness } from '../../src/proof/circom/circomWitness.ts';
import { buildInferenceWitness } from '../../src/proof/inference/noirWitness.ts';
import { buildWellFormedWitness } from '../../src/proof/wellFormed/witness.ts';
import { columnsOf, rank } from '../utils/linearAlgebra.ts';
import {
  inferenceClaimOf,
  type OneCheckpointOptions,
  oneCheckpointFixture,
  openFixture,
  wellFormedClaimOf,
} from '../utils/oneCheckpointFixture.ts';
import { verifyCandidate } from '../utils/openingCandidate.ts';
import { fixtureSpec, someWeights } from '../utils/openingFixture.ts';
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

  // Within wmax.
  const guess = someWeights('the model', sizes).map((layer) => layer.map((w) => w >> 2));
  const noMask = Array.from({ length: 16 }, () => 0n);

  const rowSketches = (b: bigint): bigint[] =>
    sizes.slice(1).flatMap((columns, l) =>
      Array.from({ length: (sizes[l] as number) + 1 }, (_, i) => {
        const row = [...(guess[l] as Int32Array).subarray(i * columns, (i + 1) * columns)];
        return mod(row.reduce((sum, w, j) => sum + BigInt(w) * pow(b, BigInt(j)), 0n));
      }),
    );
  const [blinder, ...mask] = fieldElements('secrets of a proof', 17) as [bigint, ...bigint[]];
  const secrets = { weights: guess, mask, blinder, binding: 7n, salt: 0n, features: [1, 2, 3, 4, 5, 6] };
  const instance = { name: 'guessed', sizes, blockLog, spec: fixtureSpec };
  const answering = { ...instance, statement: 'inference', inputs: 1, output: 'class' } as const;
  const checking = { ...instance, statement: 'well-formed', system: 'noir', blocksPerProof: 2 } as const;
  const hash = (items: readonly bigint[]): bigint => p2.sponge(spongeTags.transcriptA, items);
  const unmaskedAnswer = (a: bigint, b: bigint): bigint => inferenceClaimOf(sizes, guess, noMask, a, b);

  /** The prover's own outputs; what a is drawn from besides b, the mask's claim and the blinder; E without a mask, in all of which its claim has place 2. */
  const circuits = [
    {
      name: 'inference in Noir',
      outputs: () => buildInferenceWitness(p2, { ...secrets, instance: { ...answering, system: 'noir' } }).outputs,
      sketches: rowSketches,
      unmasked: unmaskedAnswer,
      digest: hash,
    },
    {
      name: 'inference in circom',
      outputs: () => buildCircomInferenceWitness(p2, { ...secrets, instance: { ...answering, system: 'circom' } }).outputs,
      sketches: rowSketches,
      unmasked: unmaskedAnswer,
      digest: (items: readonly bigint[]): bigint => circomTranscript(spongeTags.transcriptA, items),
    },
    {
      name: 'well-formed',
      outputs: () => buildWellFormedWitness(p2, { ...secrets, segment: 0, instance: checking }).outputs,
      sketches: (): bigint[] => [],
      unmasked: (a: bigint, b: bigint): bigint => wellFormedClaimOf({ ...checking, segment: 0 }, guess, noMask, a, b),
      digest: hash,
    },
  ];

  test.each(circuits)('is not confirmed by a and E, because a absorbs the blinder: $name', ({ outputs, sketches, unmasked, digest }) => {
    const [b, a, claim] = outputs();
    // Whoever guesses right knows the sketches, and from E the mask's claim: all that a is drawn from, but for the blinder.
    const eR = mod((claim - unmasked(a, b)) * inv(pow(a, 65536n * 2n)));
    const guessed = [b, ...sketches(b), eR];
    expect(digest(guessed)).not.toBe(a);
    expect(digest([...guessed, 0n])).not.toBe(a);
    // The guess is right: with the blinder, which nobody sees, it is what a was drawn from.
    expect(digest([...guessed, blinder])).toBe(a);
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
