import { assertWeights } from '../model/architecture.ts';
import { assertStepExact, largestWeight } from '../quant/exact.ts';
import { firstLargest, forwardPass, type LayerForward } from '../quant/forwardPass.ts';
import type { ArithmeticSpec } from '../quant/spec.ts';

/** Samples that run at a time: every layer's values are held at once. */
const chunk = 1000;

/**
 * The class of each sample by the forward pass of training, in plain integers: the first of the largest logits.
 *
 * @param features samples x sizes[0], each in [0, 2^fx)
 * @throws QUANT_BOUND_EXCEEDED, QUANT_FORWARD_INVALID, MODEL_WEIGHTS_INVALID
 */
export function classify(spec: ArithmeticSpec, sizes: readonly number[], weights: readonly Int32Array[], features: Uint8Array): Uint8Array {
  assertWeights(sizes, weights);
  assertStepExact(spec, sizes, largestWeight(weights));
  const width = sizes[0] as number;
  const classes = new Uint8Array(features.length / width);
  for (let from = 0; from < classes.length; from += chunk) {
    const part = features.subarray(from * width, (from + chunk) * width);
    const { z } = forwardPass(spec, sizes, weights, part).at(-1) as LayerForward;
    classes.set(firstLargest(z, sizes.at(-1) as number), from);
  }
  return classes;
}
