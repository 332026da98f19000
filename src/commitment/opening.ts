import { AssayError } from '../errors.ts';
import { blocksOf } from './blocks.ts';
import { type Claims, factorsAt, type Kernel, type Term, windowClaims } from './claims.ts';
import { inv, mod } from './field.ts';
import type { StatementName } from './ids.ts';
import { assertMask, assertScalars, assertWeights, type Kzg, type Point, type Weights } from './kzg.ts';
import { createFieldMemory, elementBytes } from './laurent.ts';
import { challengeZ, encodeOpening, isStatement, type OpeningBinding, type OpeningCommitments } from './openingBytes.ts';

/** A committed checkpoint and what it is made of. */
export type OpenedCheckpoint = {
  readonly weights: Weights;
  /** One secret a block, in the order of the commitments; none where weights are open. */
  readonly sigmas?: readonly bigint[] | undefined;
  /** Its commitments, where they are at hand; computed otherwise. */
  readonly points?: readonly Point[] | undefined;
};

/** What every opening is made from. */
export type OpenCheckpointParameters = Omit<OpeningBinding, 'open'> & {
  /** Neurons per layer, inputs first, outputs last (no bias row). */
  readonly sizes: readonly number[];
  readonly blockLog: number;
  /** 16 fresh random field elements, the same that the circuit was given. */
  readonly mask: readonly bigint[];
  /** The circuit's outputs b, a and E. */
  readonly outputs: readonly [bigint, bigint, bigint];
};

export type OpenWindowParameters = OpenCheckpointParameters & {
  /** Weights are open. */
  readonly open: boolean;
  readonly parent: Weights;
  readonly child: Weights;
  /** One secret a block, in the order of the commitments; none where weights are open. */
  readonly parentSigmas?: readonly bigint[];
  readonly childSigmas?: readonly bigint[];
  /** Commitments of parent and child, where they are at hand; computed otherwise. */
  readonly parentPoints?: readonly Point[];
  readonly childPoints?: readonly Point[];
};

/**
 * Makes the opening of a training window: that the committed parent, child and mask have the sketches whose combination is E.
 *
 * @returns the opening's bytes (docs/reference/encodings.md, Window opening bytes)
 * @throws those of `openClaims`
 */
export function openWindow(kzg: Kzg, parameters: OpenWindowParameters): Promise<Uint8Array> {
  const { parent, parentSigmas, parentPoints, child, childSigmas, childPoints } = parameters;
  return openClaims(kzg, {
    ...parameters,
    name: 'train-window',
    checkpoints: [
      { weights: parent, sigmas: parentSigmas, points: parentPoints },
      { weights: child, sigmas: childSigmas, points: childPoints },
    ],
    claimsAt: (a, b) => windowClaims(parameters.sizes, parameters.blockLog, parameters.open, a, b),
  });
}

export type OpenClaimsParameters = OpenCheckpointParameters &
  OpeningBinding & {
    readonly name: StatementName;
    /** The statement's checkpoints, in its order. */
    readonly checkpoints: readonly OpenedCheckpoint[];
    /** The statement's claims for the circuit's challenges. */
    readonly claimsAt: (a: bigint, b: bigint) => Claims;
  };

/**
 * Makes the opening of any statement: that the committed checkpoints and mask have the claims whose combination is E.
 *
 * @returns the opening's bytes
 * @throws OPENING_CLAIM_MISMATCH where these weights and this mask do not give E; OPENING_CHALLENGE_ZERO with
 * probability 2^-230 (use another mask); OPENING_STATEMENT_RANGE, OPENING_SIGMAS_OPEN and those of `commitCheckpoint` and `commitMask`
 */
export async function openClaims(kzg: Kzg, parameters: OpenClaimsParameters): Promise<Uint8Array> {
  const { name, sizes, blockLog, open, outputs, mask, statement, checkpoints } = parameters;
  const blocks = blocksOf(sizes, blockLog);
  for (const { weights } of checkpoints) assertWeights(sizes, weights);
  assertMask(mask);
  assertScalars(outputs, 3);
  if (!isStatement(name, statement)) {
    throw new AssayError('OPENING_STATEMENT_RANGE', `the words of a ${name} statement are canonical field elements, as many as it has`);
  }
  const sigmas = checkpoints.map((checkpoint) => {
    if (checkpoint.sigmas === undefined) return undefined;
    if (open) throw new AssayError('OPENING_SIGMAS_OPEN', 'open weights have no sigma');
    assertScalars(checkpoint.sigmas, blocks.length);
    return checkpoint.sigmas;
  });
  const [b, a, claim] = outputs;
  const claims = parameters.claimsAt(a, b);
  // Only the bytes of windows have room for purity; where weights are not open it is zero there.
  const hasPurity = name === 'train-window';
  const values = checkpoints.flatMap(({ weights }) =>
    blocks.map(({ layer, firstRow, rows, columns }) =>
      (weights[layer] as Int32Array).subarray(firstRow * columns, (firstRow + rows) * columns),
    ),
  );
  const [maskPoint, ...committed] = await Promise.all([
    kzg.commitMask(mask),
    ...checkpoints.map(({ weights, points }, i) => points ?? kzg.commitCheckpoint(sizes, blockLog, weights, sigmas[i])),
  ]);

  return kzg.exclusive(async () => {
    const size = 2 ** blockLog;
    // Exponents of the combined Laurent polynomial run from -extent to extent.
    const extent = Math.max(size, mask.length);
    const memory = createFieldMemory(kzg.curve, 16 * extent + 64);
    try {
      const addSource = (target: number, source: number, factor: bigint): void => {
        const weights = values[source];
        if (weights === undefined) {
          for (const [i, coefficient] of mask.entries()) memory.set(target, i, memory.get(target, i) + factor * coefficient);
          return;
        }
        memory.addIntegers(target, weights, factor);
        const sigma = sigmas[Math.floor(source / blocks.length)]?.[source % blocks.length] ?? 0n;
        if (sigma !== 0n) memory.set(target, size, memory.get(target, size) + factor * sigma);
      };

      const pureQuotient = memory.allocate(extent);
      const pureClaim = memory.scope(() => {
        const pure = memory.allocate(extent + 1);
        for (const { source, factor } of claims.pure) addSource(pure, source, factor);
        return memory.divide(pureQuotient, pure, extent + 1, b);
      });
      const commit = (array: number): Promise<Point> => kzg.commitScalars(memory.scalars(array, extent));
      const pureCommitment: Promise<Point> = claims.pure.length > 0 ? commit(pureQuotient) : Promise.resolve([0n, 0n]);
      // A failure below must not leave this one unhandled.
      pureCommitment.catch(() => undefined);
      // Lets the workers begin with it while this thread computes.
      await new Promise((resolve) => setImmediate(resolve));

      const combined = memory.allocate(2 * extent + 1);
      const blinded = sigmas.some((given) => given !== undefined);
      for (const [kernel, terms] of byKernel(claims.terms)) {
        memory.scope(() => {
          const w = memory.allocate(extent + 1);
          for (const { source, coefficient } of terms) addSource(w, source, coefficient);
          const degree = Math.max(...terms.map(({ source }) => values[source]?.length ?? mask.length)) - 1;
          memory.addProduct(combined, extent, w, blinded ? extent : degree, kernel);
        });
      }
      if (memory.get(combined, extent) !== mod(claim + pureClaim)) {
        throw new AssayError('OPENING_CLAIM_MISMATCH', 'these weights and this mask do not have the sketches that the circuit claims', {
          hint: 'The weights, the mask or the sigmas are not those that the witness was made from.',
        });
      }

      const positive = combined + (extent + 1) * elementBytes;
      const negative = memory.allocate(extent);
      memory.reverse(negative, combined, extent);
      const [positivePoint, negativePoint, pi3] = await Promise.all([commit(positive), commit(negative), pureCommitment]);
      const commitments: OpeningCommitments = {
        outputs,
        checkpoints: committed,
        mask: maskPoint,
        positive: positivePoint,
        negative: negativePoint,
        ...(hasPurity ? { pureClaim } : {}),
      };
      const z = challengeZ(parameters, commitments);
      const factors = z === 0n ? undefined : factorsAt(claims, inv(z));
      if (factors === undefined) {
        throw new AssayError('OPENING_CHALLENGE_ZERO', 'a challenge met a zero denominator', { hint: 'Prove again with another mask.' });
      }

      const zInverse = inv(z);
      const negativeQuotient = memory.allocate(extent);
      const negativeValue = memory.divide(negativeQuotient, negative, extent, zInverse);
      const linear = memory.allocate(extent + 1);
      for (const [source, factor] of factors.entries()) if (factor !== 0n) addSource(linear, source, factor);
      memory.addArray(linear, positive, extent, -z);
      const linearQuotient = memory.allocate(extent);
      if (memory.divide(linearQuotient, linear, extent + 1, z) !== mod(claim + pureClaim + negativeValue * zInverse)) {
        throw new AssayError('OPENING_CLAIM_MISMATCH', 'the combined polynomial does not have the value that its parts have');
      }
      const [pi1, pi2] = await Promise.all([commit(linearQuotient), commit(negativeQuotient)]);
      return encodeOpening({ ...commitments, negativeValue, quotients: hasPurity ? [pi1, pi2, pi3] : [pi1, pi2] });
    } finally {
      memory.release();
    }
  });
}

function byKernel(terms: readonly Term[]): Map<Kernel, Term[]> {
  const groups = new Map<Kernel, Term[]>();
  for (const term of terms) {
    const group = groups.get(term.kernel) ?? [];
    group.push(term);
    groups.set(term.kernel, group);
  }
  return groups;
}
