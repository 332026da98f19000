import type { Minibatch } from '../data/minibatch.ts';
import { assertWeights } from '../model/architecture.ts';
import { assertStepExact, largestWeight } from '../quant/exact.ts';
import { type ArithmeticSpec, weightBits } from '../quant/spec.ts';
import { assertMinibatch } from './assertMinibatch.ts';

/** Everything one layer computed in a step; B samples, n = its inputs, m = its neurons. All values are exact integers. */
export type LayerTrace = {
  /** B x (n + 1): the layer's inputs, the constant 2^fa last. */
  readonly inputs: Int32Array;
  /** B x m: inputs . W. */
  readonly z: Float64Array;
  /** B x m: activations a of a hidden layer, q of the last one. */
  readonly outputs: Int32Array;
  /** B x m: delta d of a hidden layer (masked), error e of the last one. */
  readonly deltas: Int32Array;
  /** B x m: next layer's deltas . W^T before rounding, for the hidden layers. */
  readonly h: Float64Array | undefined;
  /** B x m: 1 where the delta passes; all 1 in the last layer. */
  readonly mask: Uint8Array;
};

export type StepTrace = {
  /** Weights after the step. */
  readonly weights: Int32Array[];
  /** Sum of e^2 over the minibatch. */
  readonly loss: number;
  readonly layers: LayerTrace[];
};

/**
 * One exact integer SGD step (docs/reference/encodings.md, Arithmetic), with everything it computed on the way.
 *
 * @param sizes neurons per layer, inputs first
 * @param weights layer l row-major, (sizes[l] + 1) x sizes[l+1], bias row last; not changed
 * @param batch 2^lb samples
 * @throws QUANT_BOUND_EXCEEDED where the step could leave exact arithmetic, MODEL_WEIGHTS_INVALID, TRAIN_MINIBATCH_INVALID
 */
export function referenceStep(
  spec: ArithmeticSpec,
  sizes: readonly number[],
  weights: readonly Int32Array[],
  batch: Pick<Minibatch, 'features' | 'labels'>,
): StepTrace {
  assertWeights(sizes, weights);
  assertStepExact(spec, sizes, largestWeight(weights));
  assertMinibatch(spec, sizes, batch);
  const samples = 2 ** spec.lb;
  const fw = weightBits(spec);
  const last = weights.length - 1;

  type Forward = { inputs: Int32Array; z: Float64Array; outputs: Int32Array; mask: Uint8Array };
  const forward: Forward[] = [];
  let previous: ArrayLike<number> = batch.features;
  for (let l = 0; l <= last; l++) {
    const n = sizes[l] as number;
    const m = sizes[l + 1] as number;
    const w = weights[l] as Int32Array;
    const inputs = new Int32Array(samples * (n + 1));
    for (let s = 0; s < samples; s++) {
      for (let i = 0; i < n; i++) inputs[s * (n + 1) + i] = previous[s * n + i] as number;
      inputs[s * (n + 1) + n] = 2 ** spec.fa;
    }
    const z = new Float64Array(samples * m);
    for (let s = 0; s < samples; s++) {
      for (let i = 0; i <= n; i++) {
        const a = inputs[s * (n + 1) + i] as number;
        if (a === 0) continue;
        for (let j = 0; j < m; j++) z[s * m + j] = (z[s * m + j] as number) + a * (w[i * m + j] as number);
      }
    }
    const outputs = new Int32Array(samples * m);
    const mask = new Uint8Array(samples * m).fill(1);
    const scale = 2 ** -(l === last ? fw + 2 : fw);
    const offset = l === last ? 2 ** (spec.fd - 1) : 0;
    const high = l === last ? 2 ** spec.fd : 2 ** spec.actBits - 1;
    for (let k = 0; k < z.length; k++) {
      const f = Math.floor((z[k] as number) * scale) + offset;
      const clipped = Math.max(0, Math.min(high, f));
      outputs[k] = clipped;
      if (l < last && clipped !== f) mask[k] = 0;
    }
    forward.push({ inputs, z, outputs, mask });
    previous = outputs;
  }

  const classes = sizes.at(-1) as number;
  let deltas: Int32Array = (forward[last] as Forward).outputs.slice();
  for (let s = 0; s < samples; s++) {
    const k = s * classes + (batch.labels[s] as number);
    deltas[k] = (deltas[k] as number) - 2 ** spec.fd;
  }
  let loss = 0;
  for (const e of deltas) loss += e * e;

  const layers: LayerTrace[] = [];
  const after: Int32Array[] = [];
  let h: Float64Array | undefined;
  for (let l = last; l >= 0; l--) {
    const n = sizes[l] as number;
    const m = sizes[l + 1] as number;
    const w = weights[l] as Int32Array;
    const { inputs, z, outputs, mask } = forward[l] as Forward;
    layers.unshift({ inputs, z, outputs, deltas, h, mask });

    // The bound of assertStepExact covers every partial sum, so float64 holds them exactly and the result fits int32.
    const sums = Float64Array.from(w);
    for (let s = 0; s < samples; s++) {
      for (let i = 0; i <= n; i++) {
        const a = inputs[s * (n + 1) + i] as number;
        if (a === 0) continue;
        for (let j = 0; j < m; j++) sums[i * m + j] = (sums[i * m + j] as number) - a * (deltas[s * m + j] as number);
      }
    }
    after.unshift(Int32Array.from(sums));

    if (l === 0) break;
    h = new Float64Array(samples * n);
    const below = new Int32Array(samples * n);
    const { mask: maskBelow } = forward[l - 1] as Forward;
    for (let s = 0; s < samples; s++) {
      for (let i = 0; i < n; i++) {
        let sum = 0;
        for (let j = 0; j < m; j++) sum += (deltas[s * m + j] as number) * (w[i * m + j] as number);
        h[s * n + i] = sum;
        if (maskBelow[s * n + i] === 1) below[s * n + i] = Math.floor((sum + 2 ** (fw - 1)) * 2 ** -fw);
      }
    }
    deltas = below;
  }
  return { weights: after, loss, layers };
}
