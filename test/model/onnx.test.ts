import fc from 'fast-check';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { exportOnnx } from '../../src/model/exportOnnx.ts';
import { type OnnxModel, writeOnnx } from '../../src/model/writeOnnx.ts';
import { defaultSpec } from '../../src/quant/spec.ts';
import { bigintStep } from '../utils/bigintStep.ts';
import { codeOf } from '../utils/codeOf.ts';
import { stepCase } from '../utils/stepCases.ts';

describe('exportOnnx', () => {
  test('gives the integers of the training forward pass, for any number of samples', async () => {
    await fc.assert(
      fc.asyncProperty(stepCase, async ({ spec, sizes, weights, features, labels }) => {
        const session = await InferenceSession.create(exportOnnx(spec, sizes, weights));
        const samples = labels.length;
        const results = await session.run({ features: new Tensor('uint8', features, [samples, sizes[0] as number]) });
        await session.release();
        const z = bigintStep(spec, sizes, weights, features, labels).layers.at(-1)?.z as bigint[];
        expect(Array.from(results['logits']?.data as BigInt64Array)).toEqual(z);
        expect(results['logits']?.dims).toEqual([samples, sizes.at(-1)]);
        const classes = sizes.at(-1) as number;
        const best = Array.from({ length: samples }, (_, s) => {
          const row = z.slice(s * classes, (s + 1) * classes);
          return BigInt(row.findIndex((logit) => row.every((other) => other <= logit)));
        });
        expect(Array.from(results['class']?.data as BigInt64Array)).toEqual(best);
      }),
      { numRuns: 150, seed: 5 },
    );
  });

  test('refuses weights that are not of the shape or not exact', async () => {
    const spec = defaultSpec(4);
    expect(await codeOf(() => exportOnnx(spec, [2, 2], [new Int32Array(6)]))).toBe(undefined);
    expect(await codeOf(() => exportOnnx(spec, [2, 2], [new Int32Array(5)]))).toBe('MODEL_WEIGHTS_INVALID');
    expect(await codeOf(() => exportOnnx(spec, [2, 2], [new Int32Array(6).fill(-(2 ** 31))]))).toBe('QUANT_BOUND_EXCEEDED');
    expect(await codeOf(() => exportOnnx(spec, [2, 2], [new Int32Array(6)], { 'assay.spec': 'x' }))).toBe('MODEL_ONNX_MALFORMED');
  });
});

describe('writeOnnx', () => {
  const model: OnnxModel = {
    name: 'double_it',
    nodes: [{ op: 'Mul', inputs: ['x', 'two'], outputs: ['y'] }],
    initializers: [{ name: 'two', type: 'double', dims: [], data: Float64Array.of(2) }],
    inputs: [{ name: 'x', type: 'double', dims: ['n'] }],
    outputs: [{ name: 'y', type: 'double', dims: ['n'] }],
  };

  test('ONNX Runtime runs what it writes', async () => {
    const session = await InferenceSession.create(writeOnnx(model));
    const { y } = await session.run({ x: new Tensor('float64', Float64Array.of(1.5, -3), [2]) });
    expect(Array.from(y?.data as Float64Array)).toEqual([3, -6]);
    await session.release();
  });

  test('refuses graphs that are not well formed', async () => {
    const bad: OnnxModel[] = [
      { ...model, nodes: [{ op: 'Mul', inputs: ['x', 'three'], outputs: ['y'] }] },
      { ...model, nodes: [...model.nodes, { op: 'Neg', inputs: ['y'], outputs: ['y'] }] },
      { ...model, initializers: [{ name: 'two', type: 'double', dims: [2], data: Float64Array.of(2) }] },
      { ...model, outputs: [{ name: 'z', type: 'double', dims: ['n'] }] },
      { ...model, initializers: [...model.initializers, { name: 'idle', type: 'double', dims: [], data: Float64Array.of(2) }] },
      { ...model, outputs: [] },
      { ...model, inputs: [...model.inputs, ...model.inputs] },
    ];
    for (const graph of bad) expect(await codeOf(() => writeOnnx(graph))).toBe('MODEL_ONNX_MALFORMED');
  });

  test('negative integers and long names survive the wire', async () => {
    const name = 'n'.repeat(300);
    const bytes = writeOnnx({
      name,
      nodes: [{ op: 'Concat', inputs: ['x', 'tail'], outputs: [name], attributes: { axis: -1n } }],
      initializers: [{ name: 'tail', type: 'int64', dims: [1, 1], data: BigInt64Array.of(-(2n ** 63n)) }],
      inputs: [{ name: 'x', type: 'int64', dims: [1, 'n'] }],
      outputs: [{ name, type: 'int64', dims: [1, 'm'] }],
    });
    const session = await InferenceSession.create(bytes);
    const results = await session.run({ x: new Tensor('int64', BigInt64Array.of(5n), [1, 1]) });
    expect(Array.from(results[name]?.data as BigInt64Array)).toEqual([5n, -(2n ** 63n)]);
    await session.release();
  });
});
