import { AssayError } from '../errors.ts';

/** A dense layer in float64: `outputs = inputs . weights + bias`, then ReLU where `relu`. */
export type DenseLayer = {
  readonly inputs: number;
  readonly outputs: number;
  /** Row-major, inputs x outputs. */
  readonly weights: Float64Array;
  readonly bias: Float64Array;
  readonly relu: boolean;
};

/** A multilayer perceptron in float64; every layer but the last has a ReLU, the last gives the logits. */
export type FloatModel = {
  readonly layers: readonly DenseLayer[];
  /** What a class is called in the file, where it says so. */
  readonly classLabels: readonly (number | string)[] | undefined;
  /** True where one logistic output was written as two logits: 0, and the output. */
  readonly binary: boolean;
  /** Values of a sample as the model's input has them, such as 1 x 28 x 28. */
  readonly inputShape: readonly number[];
  /** Nodes behind the logits that were left out: they do not change the class. */
  readonly passedOver: readonly string[];
};

/** Neurons per layer, inputs first. */
export function sizesOf({ layers }: Pick<FloatModel, 'layers'>): number[] {
  return [(layers[0] as DenseLayer).inputs, ...layers.map(({ outputs }) => outputs)];
}

/**
 * Runs the model on `count` samples.
 *
 * @param inputs count x inputs, as the model takes them
 * @param onLayer is shown each layer's outputs, count x outputs, after its ReLU
 * @returns the logits, count x classes
 * @throws MODEL_INPUT_INVALID
 */
export function runFloatModel(
  { layers }: Pick<FloatModel, 'layers'>,
  inputs: Float64Array,
  onLayer?: (layer: number, outputs: Float64Array) => void,
): Float64Array {
  const width = (layers[0] as DenseLayer).inputs;
  const count = inputs.length / width;
  if (!Number.isSafeInteger(count)) {
    throw new AssayError('MODEL_INPUT_INVALID', `${inputs.length} values are no whole number of samples of ${width}`);
  }
  let values = inputs;
  layers.forEach(({ inputs: n, outputs: m, weights, bias, relu }, l) => {
    const next = new Float64Array(count * m);
    for (let s = 0; s < count; s++) {
      const row = next.subarray(s * m, (s + 1) * m);
      row.set(bias);
      for (let i = 0; i < n; i++) {
        const x = values[s * n + i] as number;
        if (x === 0) continue;
        for (let j = 0, at = i * m; j < m; j++, at++) row[j] = (row[j] as number) + x * (weights[at] as number);
      }
      if (relu) for (let j = 0; j < m; j++) if (!((row[j] as number) > 0)) row[j] = 0;
    }
    onLayer?.(l, next);
    values = next;
  });
  return values;
}
