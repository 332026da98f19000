import { AssayError } from '../errors.ts';
import { assertStepExact, largestWeight } from '../quant/exact.ts';
import { type ArithmeticSpec, assertSpec, weightBits } from '../quant/spec.ts';
import { assertWeights } from './architecture.ts';
import { type OnnxNode, type OnnxTensor, writeOnnx } from './writeOnnx.ts';

/**
 * A model for ONNX Runtime (or any ONNX runtime with float64) that computes the very integers of the training's forward pass.
 *
 * Input `features`: uint8, samples x sizes[0], each in [0, 2^fx). Outputs: `logits`, int64, samples x classes (z of the last layer),
 * and `class`, int64, samples (the first of the largest logits).
 *
 * @param weights layer l row-major, (sizes[l] + 1) x sizes[l+1], bias row last
 * @param metadata written into the file's metadata_props, beside the spec and the sizes
 * @param outputs which of the two outputs the model has; both by default
 * @throws QUANT_SPEC_INVALID, QUANT_BOUND_EXCEEDED, MODEL_ARCHITECTURE_INVALID, MODEL_WEIGHTS_INVALID
 */
export function exportOnnx(
  spec: ArithmeticSpec,
  sizes: readonly number[],
  weights: readonly Int32Array[],
  metadata: Readonly<Record<string, string>> = {},
  outputs: readonly ('logits' | 'class')[] = ['logits', 'class'],
): Uint8Array {
  assertSpec(spec);
  assertWeights(sizes, weights);
  assertStepExact(spec, sizes, largestWeight(weights));
  for (const key of ['assay.spec', 'assay.sizes']) {
    if (key in metadata) throw new AssayError('MODEL_ONNX_MALFORMED', `the metadata key ${key} is written by the export itself`);
  }
  const layerCount = weights.length;
  const scalar = (name: string, value: number): OnnxTensor => ({ name, type: 'double', dims: [], data: Float64Array.of(value) });
  const initializers: OnnxTensor[] = [
    scalar('biasInput', 2 ** spec.fa),
    ...(layerCount > 1
      ? [scalar('hiddenScale', 2 ** -weightBits(spec)), scalar('zero', 0), scalar('activationMax', 2 ** spec.actBits - 1)]
      : []),
  ];
  const nodes: OnnxNode[] = [{ op: 'Cast', inputs: ['features'], outputs: ['a0'], attributes: { to: 11n } }];
  weights.forEach((layer, l) => {
    const inputs = sizes[l] as number;
    const outputs = sizes[l + 1] as number;
    initializers.push({ name: `W${l}`, type: 'int32', dims: [inputs, outputs], data: layer.subarray(0, inputs * outputs) });
    initializers.push({ name: `bias${l}`, type: 'int32', dims: [outputs], data: layer.subarray(inputs * outputs) });
    nodes.push(
      { op: 'Cast', inputs: [`W${l}`], outputs: [`weights${l}`], attributes: { to: 11n } },
      { op: 'Cast', inputs: [`bias${l}`], outputs: [`biasRow${l}`], attributes: { to: 11n } },
      { op: 'Mul', inputs: [`biasRow${l}`, 'biasInput'], outputs: [`biasTerm${l}`] },
      { op: 'Gemm', inputs: [`a${l}`, `weights${l}`, `biasTerm${l}`], outputs: [`z${l}`] },
    );
    if (l < layerCount - 1) {
      nodes.push(
        { op: 'Mul', inputs: [`z${l}`, 'hiddenScale'], outputs: [`scaled${l}`] },
        { op: 'Floor', inputs: [`scaled${l}`], outputs: [`f${l}`] },
        { op: 'Clip', inputs: [`f${l}`, 'zero', 'activationMax'], outputs: [`a${l + 1}`] },
      );
    }
  });
  const last = `z${layerCount - 1}`;
  if (outputs.includes('logits')) nodes.push({ op: 'Cast', inputs: [last], outputs: ['logits'], attributes: { to: 7n } });
  if (outputs.includes('class')) nodes.push({ op: 'ArgMax', inputs: [last], outputs: ['class'], attributes: { axis: 1n, keepdims: 0n } });
  return writeOnnx({
    name: 'assay_forward',
    nodes,
    initializers,
    inputs: [{ name: 'features', type: 'uint8', dims: ['samples', sizes[0] as number] }],
    outputs: outputs.map((name) => ({ name, type: 'int64', dims: name === 'logits' ? ['samples', sizes.at(-1) as number] : ['samples'] })),
    metadata: { ...metadata, 'assay.spec': JSON.stringify(spec), 'assay.sizes': sizes.join('-') },
  });
}
