import { AssayError } from '../errors.ts';
import { type WindowBounds, windowBounds } from './bounds.ts';
import type { ArithmeticSpec } from './spec.ts';

/** Largest |W| that a stored or computed weight may have: weights are int32, and -2^31 is not used. */
export const weightLimit = 2 ** 31 - 1;

/** Largest absolute value in a checkpoint's layers. */
export function largestWeight(weights: readonly Int32Array[]): number {
  let largest = 0;
  for (const layer of weights) {
    for (let i = 0; i < layer.length; i++) {
      const w = layer[i] as number;
      if (w > largest) largest = w;
      else if (-w > largest) largest = -w;
    }
  }
  return largest;
}

/**
 * Refuses a step that could leave exact float64 or int32 arithmetic, before it is computed; nothing ever wraps.
 * The bound is the worst case over all minibatches from weights with |W| <= `largest`, so every engine gives the same answer.
 *
 * @param largest the largest |W| of the weights that the step starts from
 * @throws QUANT_BOUND_EXCEEDED
 */
export function assertStepExact(spec: ArithmeticSpec, sizes: readonly number[], largest: number): WindowBounds {
  if (!(largest <= weightLimit)) {
    throw new AssayError('QUANT_BOUND_EXCEEDED', `a weight of magnitude ${largest} is beyond int32`, {
      hint: 'Weights lie in [-(2^31 - 1), 2^31 - 1].',
    });
  }
  const bounds = windowBounds({ ...spec, wmax: Math.max(1, largest) }, sizes, 1);
  const next = Math.max(...bounds.weightMax);
  if (next > weightLimit) {
    throw new AssayError(
      'QUANT_BOUND_EXCEEDED',
      `a step on ${sizes.join('-')} from |W| <= ${largest} could reach |W| = ${next}, int32 ends at ${weightLimit}`,
      {
        hint: 'Use a smaller minibatch, fewer fractional bits or smaller weights.',
      },
    );
  }
  return bounds;
}
