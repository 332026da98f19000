import { assertWeights } from '../model/architecture.ts';
import { assertStepExact, largestWeight } from '../quant/exact.ts';
import { type ArithmeticSpec, weightBits } from '../quant/spec.ts';

/**
 * The class of each sample by the forward pass of training, in plain integers: the first of the largest logits.
 *
 * @param features samples x sizes[0], each in [0, 2^fx)
 * @throws QUANT_BOUND_EXCEEDED, MODEL_WEIGHTS_INVALID
 */
export function classify(spec: ArithmeticSpec, sizes: readonly number[], weights: readonly Int32Array[], features: Uint8Array): Uint8Array {
  assertWeights(sizes, weights);
  assertStepExact(spec, sizes, largestWeight(weights));
  const width = sizes[0] as number;
  const scale = 2 ** -weightBits(spec);
  const high = 2 ** spec.actBits - 1;
  const classes = new Uint8Array(features.length / width);
  for (let s = 0; s < classes.length; s++) {
    let activations: ArrayLike<number> = features.subarray(s * width, (s + 1) * width);
    let logits = new Float64Array();
    weights.forEach((layer, l) => {
      const n = sizes[l] as number;
      const m = sizes[l + 1] as number;
      logits = new Float64Array(m);
      for (let i = 0; i <= n; i++) {
        const a = i === n ? 2 ** spec.fa : (activations[i] as number);
        if (a === 0) continue;
        for (let j = 0; j < m; j++) logits[j] = (logits[j] as number) + a * (layer[i * m + j] as number);
      }
      activations = logits.map((z) => Math.max(0, Math.min(high, Math.floor(z * scale))));
    });
    classes[s] = logits.indexOf(Math.max(...logits));
  }
  return classes;
}
