import type { Tensor as OnnxValue } from 'onnxruntime-node';
import { AssayError } from '../errors.ts';
import { exportOnnx } from '../model/exportOnnx.ts';
import type { ArithmeticSpec } from '../quant/spec.ts';
import { classify } from './classify.ts';
import { loadOnnxRuntime, type OnnxRuntime } from './loadOnnxRuntime.ts';

export type Evaluation = {
  readonly correct: number;
  readonly total: number;
  /** correct / total */
  readonly accuracy: number;
  /** What computed it: the exported model in ONNX Runtime or, where that is missing, the reference in plain integers. The count is the same. */
  readonly engine: 'onnxruntime' | 'reference';
};

const chunk = 1000;

/**
 * How many samples the model classifies right; the class is the first of the largest logits. Runs the exported ONNX model itself; without ONNX Runtime the
 * reference computes the same, more slowly, and says so in a process warning.
 *
 * @param features samples x sizes[0], each in [0, 2^fx)
 * @param labels one class number a sample
 * @throws TRAIN_DATA_INVALID and what `exportOnnx` throws
 */
export async function evaluate(
  spec: ArithmeticSpec,
  sizes: readonly number[],
  weights: readonly Int32Array[],
  features: Uint8Array,
  labels: Uint8Array,
): Promise<Evaluation> {
  const width = sizes[0] as number;
  if (labels.length === 0 || features.length !== labels.length * width) {
    throw new AssayError('TRAIN_DATA_INVALID', `${features.length} features for ${labels.length} samples of ${width}`);
  }
  if (features.some((value) => value >= 2 ** spec.fx))
    throw new AssayError('TRAIN_DATA_INVALID', `a feature has more than ${spec.fx} bits`);
  let runtime: OnnxRuntime;
  try {
    runtime = await loadOnnxRuntime();
  } catch (error) {
    if (!(error instanceof AssayError)) throw error;
    process.emitWarning(`${error.message}: the reference engine counts instead, which takes longer. ${error.hint}`, { code: error.code });
    let correct = 0;
    classify(spec, sizes, weights, features).forEach((found, i) => {
      if (found === labels[i]) correct++;
    });
    return { correct, total: labels.length, accuracy: correct / labels.length, engine: 'reference' };
  }
  const { InferenceSession, Tensor } = runtime;
  const session = await InferenceSession.create(exportOnnx(spec, sizes, weights), { executionProviders: ['cpu'], logSeverityLevel: 3 });
  try {
    let correct = 0;
    for (let from = 0; from < labels.length; from += chunk) {
      const count = Math.min(chunk, labels.length - from);
      const input = new Tensor('uint8', features.subarray(from * width, (from + count) * width), [count, width]);
      const results = await session.run({ features: input }, ['class']);
      const classes = (results['class'] as OnnxValue).data as BigInt64Array;
      for (let i = 0; i < count; i++) if (Number(classes[i]) === labels[from + i]) correct++;
    }
    return { correct, total: labels.length, accuracy: correct / labels.length, engine: 'onnxruntime' };
  } finally {
    await session.release();
  }
}
