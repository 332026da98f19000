import { AssayError } from '../errors.ts';
import { type ArithmeticSpec, assertSpec, weightBits } from './spec.ts';

/** What one layer computes: n samples of m neurons, sample by sample. */
export type LayerForward = {
  /** inputs . W */
  readonly z: Float64Array;
  /** clip(z >> Fw, 0, 2^actBits - 1) of a hidden layer; the last layer's z again. */
  readonly outputs: Float64Array;
};

/**
 * The forward pass of inference in exact integers (docs/reference/encodings.md, Arithmetic): the last layer is not clipped.
 *
 * @param sizes neurons per layer, inputs first, outputs last (no bias row)
 * @param weights row-major, (sizes[l] + 1) x sizes[l + 1], the bias row last
 * @param features n x sizes[0] integers in [0, 2^fx)
 * @throws QUANT_BOUND_EXCEEDED where a sum could leave what float64 holds exactly, QUANT_FORWARD_INVALID for lengths or features that do not fit
 */
export function forwardPass(
  spec: ArithmeticSpec,
  sizes: readonly number[],
  weights: readonly Int32Array[],
  features: ArrayLike<number>,
): LayerForward[] {
  assertSpec(spec);
  const width = sizes[0] as number;
  const samples = features.length / width;
  const fits = weights.every((layer, l) => layer.length === ((sizes[l] as number) + 1) * (sizes[l + 1] as number));
  if (!Number.isInteger(samples) || samples === 0 || weights.length !== sizes.length - 1 || !fits) {
    throw new AssayError('QUANT_FORWARD_INVALID', `${features.length} features and ${weights.length} layers do not fit ${sizes.join('-')}`);
  }
  for (let i = 0; i < features.length; i++) {
    const x = features[i] as number;
    if (!Number.isInteger(x) || x < 0 || x >= 2 ** spec.fx) {
      throw new AssayError('QUANT_FORWARD_INVALID', `feature ${i} is ${x}, allowed are integers below ${2 ** spec.fx}`);
    }
  }
  const top = 2 ** spec.actBits - 1;
  const bias = 2 ** spec.fa;
  const scale = 2 ** -weightBits(spec);
  let inputs: ArrayLike<number> = features;
  return weights.map((layer, l) => {
    const n = sizes[l] as number;
    const m = sizes[l + 1] as number;
    let largest = 0;
    for (let i = 0; i < layer.length; i++) largest = Math.max(largest, Math.abs(layer[i] as number));
    const reach = (n * (l === 0 ? 2 ** spec.fx - 1 : top) + bias) * largest;
    if (!(reach < 2 ** 53)) {
      throw new AssayError('QUANT_BOUND_EXCEEDED', `layer ${l} can reach 2^${Math.log2(reach).toFixed(1)}, float64 is exact below 2^53`, {
        hint: 'Use smaller weights.',
      });
    }
    const z = new Float64Array(samples * m);
    for (let s = 0; s < samples; s++) {
      const row = z.subarray(s * m, (s + 1) * m);
      for (let i = 0; i <= n; i++) {
        const a = i === n ? bias : (inputs[s * n + i] as number);
        if (a === 0) continue;
        for (let j = 0; j < m; j++) row[j] = (row[j] as number) + a * (layer[i * m + j] as number);
      }
    }
    const outputs = l === weights.length - 1 ? z : z.map((value) => Math.max(0, Math.min(top, Math.floor(value * scale))));
    inputs = outputs;
    return { z, outputs };
  });
}

/** The class of each sample: the index of the first largest logit. @param logits n x classes, sample by sample */
export function firstLargest(logits: Float64Array, classes: number): number[] {
  return Array.from({ length: logits.length / classes }, (_, s) => {
    const row = logits.subarray(s * classes, (s + 1) * classes);
    return row.reduce((best, value, j) => (value > (row[best] as number) ? j : best), 0);
  });
}
