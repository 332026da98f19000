import type { Tensor as OnnxValue } from 'onnxruntime-node';
import { AssayError } from '../errors.ts';
import { assertArchitecture, assertWeights } from '../model/architecture.ts';
import { type OnnxNode, type OnnxTensor, writeOnnx } from '../model/writeOnnx.ts';
import { assertStepExact, largestWeight } from '../quant/exact.ts';
import { type ArithmeticSpec, assertSpec, weightBits } from '../quant/spec.ts';
import { assertMinibatch } from './assertMinibatch.ts';
import type { Engine } from './engine.ts';
import { loadOnnxRuntime } from './loadOnnxRuntime.ts';

export type OnnxEngineOptions = {
  /** Threads of one step; 0 (the default) leaves the choice to ONNX Runtime: one for every core. */
  readonly threads?: number;
};

/**
 * One whole SGD step as an ONNX graph on float64 tensors.
 *
 * Inputs: `features` uint8 B x sizes[0], `labels` int32 B x 1, `W0`.. int32. Outputs: `next0`.. int32 and `loss` float64.
 * Every value is an integer below 2^53 (assertStepExact) or an integer times a power of two, so no operation rounds, in any order of summation.
 */
function stepGraph(spec: ArithmeticSpec, sizes: readonly number[]): Uint8Array {
  const samples = 2 ** spec.lb;
  const fw = weightBits(spec);
  const last = sizes.length - 2;
  const classes = sizes.at(-1) as number;
  const scalar = (name: string, value: number): OnnxTensor => ({ name, type: 'double', dims: [], data: Float64Array.of(value) });
  const initializers: OnnxTensor[] = [
    scalar('zero', 0),
    scalar('outputScale', 2 ** -(fw + 2)),
    scalar('outputMax', 2 ** spec.fd),
    scalar('outputOffset', 2 ** (spec.fd - 1)),
    { name: 'biasColumn', type: 'double', dims: [samples, 1], data: new Float64Array(samples).fill(2 ** spec.fa) },
    { name: 'classNumbers', type: 'int32', dims: [1, classes], data: Int32Array.from({ length: classes }, (_, i) => i) },
  ];
  if (last > 0) {
    initializers.push(
      scalar('hiddenScale', 2 ** -fw),
      scalar('half', 2 ** (fw - 1)),
      scalar('activationMax', 2 ** spec.actBits - 1),
      { name: 'from', type: 'int64', dims: [1], data: BigInt64Array.of(0n) },
      { name: 'columns', type: 'int64', dims: [1], data: BigInt64Array.of(1n) },
    );
  }
  const nodes: OnnxNode[] = [];
  const node = (op: string, inputs: string[], output: string, attributes?: OnnxNode['attributes']): void => {
    nodes.push({ op, inputs, outputs: [output], ...(attributes === undefined ? {} : { attributes }) });
  };
  const toDouble = { to: 11n };

  node('Cast', ['features'], 'a0', toDouble);
  for (let l = 0; l <= last; l++) {
    node('Cast', [`W${l}`], `w${l}`, toDouble);
    node('Concat', [`a${l}`, 'biasColumn'], `inputs${l}`, { axis: 1n });
    node('MatMul', [`inputs${l}`, `w${l}`], `z${l}`);
    node('Mul', [`z${l}`, l === last ? 'outputScale' : 'hiddenScale'], `scaled${l}`);
    node('Floor', [`scaled${l}`], `f${l}`);
    if (l < last) node('Clip', [`f${l}`, 'zero', 'activationMax'], `a${l + 1}`);
  }
  node('Add', [`f${last}`, 'outputOffset'], 'g');
  node('Clip', ['g', 'zero', 'outputMax'], 'q');
  node('Equal', ['labels', 'classNumbers'], 'isLabel');
  node('Cast', ['isLabel'], 'onehot', toDouble);
  node('Mul', ['onehot', 'outputMax'], 'target');
  node('Sub', ['q', 'target'], `d${last}`);
  node('ReduceSumSquare', [`d${last}`], 'loss', { keepdims: 0n });
  for (let l = last; l >= 0; l--) {
    // W - inputs^T d in one operation.
    node('Gemm', [`inputs${l}`, `d${l}`, `w${l}`], `updated${l}`, { transA: 1n, alpha: -1, beta: 1 });
    node('Cast', [`updated${l}`], `next${l}`, { to: 6n });
    if (l === 0) break;
    initializers.push({ name: `inputCount${l}`, type: 'int64', dims: [1], data: BigInt64Array.of(BigInt(sizes[l] as number)) });
    node('Gemm', [`d${l}`, `w${l}`], `hWithBias${l}`, { transB: 1n });
    node('Slice', [`hWithBias${l}`, 'from', `inputCount${l}`, 'columns'], `h${l}`);
    node('Add', [`h${l}`, 'half'], `hHalf${l}`);
    node('Mul', [`hHalf${l}`, 'hiddenScale'], `hScaled${l}`);
    node('Floor', [`hScaled${l}`], `rounded${l}`);
    // Inside the clip's range f is unchanged.
    node('Equal', [`f${l - 1}`, `a${l}`], `inside${l}`);
    node('Cast', [`inside${l}`], `mask${l}`, toDouble);
    node('Mul', [`rounded${l}`, `mask${l}`], `d${l - 1}`);
  }
  const layers = Array.from({ length: last + 1 }, (_, l) => l);
  return writeOnnx({
    name: 'assay_step',
    nodes,
    initializers,
    inputs: [
      { name: 'features', type: 'uint8', dims: [samples, sizes[0] as number] },
      { name: 'labels', type: 'int32', dims: [samples, 1] },
      ...layers.map((l) => ({ name: `W${l}`, type: 'int32' as const, dims: [(sizes[l] as number) + 1, sizes[l + 1] as number] })),
    ],
    outputs: [
      ...layers.map((l) => ({ name: `next${l}`, type: 'int32' as const, dims: [(sizes[l] as number) + 1, sizes[l + 1] as number] })),
      { name: 'loss', type: 'double', dims: [] },
    ],
  });
}

/**
 * The fast engine: ONNX Runtime on the CPU, equal to `referenceStep` bit for bit. Close it when done.
 *
 * @param sizes neurons per layer, inputs first
 * @throws QUANT_SPEC_INVALID, MODEL_ARCHITECTURE_INVALID, TRAIN_RUNTIME_FAILED, TRAIN_ONNXRUNTIME_MISSING; a step throws as `referenceStep` does
 */
export async function createOnnxEngine(spec: ArithmeticSpec, sizes: readonly number[], options: OnnxEngineOptions = {}): Promise<Engine> {
  assertSpec(spec);
  assertArchitecture(sizes);
  const { InferenceSession, Tensor } = await loadOnnxRuntime();
  const session = await InferenceSession.create(stepGraph(spec, sizes), {
    executionProviders: ['cpu'],
    intraOpNumThreads: options.threads ?? 0,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  }).catch((cause: unknown) => {
    throw new AssayError('TRAIN_RUNTIME_FAILED', 'ONNX Runtime refused the training graph', { cause });
  });
  const samples = 2 ** spec.lb;
  return {
    async step(weights, batch) {
      assertWeights(sizes, weights);
      assertStepExact(spec, sizes, largestWeight(weights));
      assertMinibatch(spec, sizes, batch);
      const feeds: Record<string, OnnxValue> = {
        features: new Tensor('uint8', batch.features, [samples, sizes[0] as number]),
        labels: new Tensor('int32', Int32Array.from(batch.labels), [samples, 1]),
      };
      weights.forEach((layer, l) => {
        feeds[`W${l}`] = new Tensor('int32', layer, [(sizes[l] as number) + 1, sizes[l + 1] as number]);
      });
      const results = await session.run(feeds);
      return {
        weights: weights.map((_, l) => (results[`next${l}`] as OnnxValue).data as Int32Array),
        loss: ((results['loss'] as OnnxValue).data as Float64Array)[0] as number,
      };
    },
    async close() {
      await session.release();
    },
  };
}
