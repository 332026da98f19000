import { AssayError } from '../errors.ts';
import { type ArithmeticSpec, weightBits } from './spec.ts';

/**
 * The forward pass of docs/reference/encodings.md, Arithmetic, in integers that float64 holds exactly (see `inferenceBounds` and `assertStepExact`: the
 * caller makes sure that it does).
 *
 * @param weights layer l row-major, (sizes[l] + 1) x sizes[l+1], bias row last
 * @param features samples x sizes[0], each in [0, 2^fx)
 * @param onLayer is shown z of each layer, samples x sizes[l + 1]
 * @returns z of the last layer, samples x classes
 * @throws QUANT_FEATURES_INVALID
 */
export function forwardPass(
  spec: ArithmeticSpec,
  sizes: readonly number[],
  weights: readonly Int32Array[],
  features: Uint8Array,
  onLayer?: (layer: number, z: Float64Array) => void,
): Float64Array {
  const count = features.length / (sizes[0] as number);
  if (!Number.isSafeInteger(count) || features.some((value) => value >= 2 ** spec.fx)) {
    throw new AssayError('QUANT_FEATURES_INVALID', `features must be whole samples of ${sizes[0]} values below 2^${spec.fx}`);
  }
  const scale = 2 ** -weightBits(spec);
  const high = 2 ** spec.actBits - 1;
  const bias = 2 ** spec.fa;
  let activations: Uint8Array | Uint16Array = features;
  let z = new Float64Array();
  weights.forEach((layer, l) => {
    const n = sizes[l] as number;
    const m = sizes[l + 1] as number;
    z = new Float64Array(count * m);
    for (let s = 0; s < count; s++) {
      const row = z.subarray(s * m, (s + 1) * m);
      for (let j = 0; j < m; j++) row[j] = bias * (layer[n * m + j] as number);
      for (let i = 0; i < n; i++) {
        const a = activations[s * n + i] as number;
        if (a === 0) continue;
        for (let j = 0, at = i * m; j < m; j++, at++) row[j] = (row[j] as number) + a * (layer[at] as number);
      }
    }
    onLayer?.(l, z);
    // actBits is at most 15.
    if (l < weights.length - 1) activations = Uint16Array.from(z, (value) => Math.max(0, Math.min(high, Math.floor(value * scale))));
  });
  return z;
}
