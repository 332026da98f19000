import { AssayError } from '../errors.ts';
import { blocksOf } from './blocks.ts';
import { factorsAt, type Kernel, type Term, windowClaims } from './claims.ts';
import { inv, mod } from './field.ts';
import { assertMask, assertScalars, assertWeights, type Kzg, type Point, type Weights } from './kzg.ts';
import { createFieldMemory, elementBytes } from './laurent.ts';
import { challengeZ, encodeOpening, isStatement, type OpeningBinding, type OpeningCommitments } from './openingBytes.ts';

export type OpenWindowParameters = OpeningBinding & {
  /** Neurons per layer, inputs first, outputs last (no bias row). */
  readonly sizes: readonly number[];
  readonly blockLog: number;
  readonly parent: Weights;
  readonly child: Weights;
  /** One secret a block, in the order of the commitments; none where weights are open. */
  readonly parentSigmas?: readonly bigint[];
  readonly childSigmas?: readonly bigint[];
  /** Commitments of parent and child, where they are at hand; computed otherwise. */
  readonly parentPoints?: readonly Point[];
  readonly childPoints?: readonly Point[];
  /** 16 fresh random field elements, the same that the circuit was given. */
  readonly mask: readonly bigint[];
  /** The circuit's outputs b, a and E. */
  readonly outputs: readonly [bigint, bigint, bigint];
};

/**
 * Makes the opening of a training window: that the committed parent, child and mask have the sketches whose combination is E.
 *
 * @returns the opening's bytes (docs/reference/encodings.md, Window opening bytes)
 * @throws OPENING_CLAIM_MISMATCH where these weights and this mask do not give E; OPENING_CHALLENGE_ZERO with
 * probability 2^-230 (use another mask); OPENING_STATEMENT_RANGE, OPENING_SIGMAS_OPEN and those of `commitCheckpoint` and `commitMask`
 */
export async function openWindow(kzg: Kzg, parameters: OpenWindowParameters): Promise<Uint8Array> {
  const { sizes, blockLog, open, outputs, mask, statement } = parameters;
  const blocks = blocksOf(sizes, blockLog);
  assertWeights(sizes, parameters.parent);
  assertWeights(sizes, parameters.child);
  assertMask(mask);
  assertScalars(outputs, 3);
  if (!isStatement(statement)) throw new AssayError('OPENING_STATEMENT_RANGE', 'a statement is 8 canonical field elements');
  if (open && (parameters.parentSigmas !== undefined || parameters.childSigmas !== undefined)) {
    throw new AssayError('OPENING_SIGMAS_OPEN', 'open weights have no sigma');
  }
  const sigmas = [parameters.parentSigmas, parameters.childSigmas].map((given) => {
    if (given !== undefined) assertScalars(given, blocks.length);
    return given;
  });
  const [b, a, claim] = outputs;
  const claims = windowClaims(sizes, blockLog, open, a, b);
  const values = [parameters.parent, parameters.child].flatMap((weights) =>
    blocks.map(({ layer, firstRow, rows, columns }) =>
      (weights[layer] as Int32Array).subarray(firstRow * columns, (firstRow + rows) * columns),
    ),
  );
  const [parent, child, maskPoint] = await Promise.all([
    parameters.parentPoints ?? kzg.commitCheckpoint(sizes, blockLog, parameters.parent, sigmas[0]),
    parameters.childPoints ?? kzg.commitCheckpoint(sizes, blockLog, parameters.child, sigmas[1]),
    kzg.commitMask(mask),
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
        for (const [i, factor] of claims.pure.entries()) addSource(pure, blocks.length + i, factor);
        return memory.divide(pureQuotient, pure, extent + 1, b);
      });
      const commit = (array: number): Promise<Point> => kzg.commitScalars(memory.scalars(array, extent));
      const pureCommitment: Promise<Point> = open ? commit(pureQuotient) : Promise.resolve([0n, 0n]);
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
        parent,
        child,
        mask: maskPoint,
        positive: positivePoint,
        negative: negativePoint,
        pureClaim,
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
      for (const [source, factor] of factors.entries()) addSource(linear, source, factor);
      memory.addArray(linear, positive, extent, -z);
      const linearQuotient = memory.allocate(extent);
      if (memory.divide(linearQuotient, linear, extent + 1, z) !== mod(claim + pureClaim + negativeValue * zInverse)) {
        throw new AssayError('OPENING_CLAIM_MISMATCH', 'the combined polynomial does not have the value that its parts have');
      }
      const [pi1, pi2] = await Promise.all([commit(linearQuotient), commit(negativeQuotient)]);
      return encodeOpening({ ...commitments, negativeValue, quotients: [pi1, pi2, pi3] });
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
