import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { readSamples } from '../../src/data/readSamples.ts';
import { runFloatModel, sizesOf } from '../../src/model/floatModel.ts';
import { importOnnx } from '../../src/model/importOnnx.ts';
import type { OnnxModel, OnnxNode } from '../../src/model/writeOnnx.ts';
import { firstLargest } from '../../src/quant/forwardPass.ts';
import { codeOf } from '../utils/codeOf.ts';
import { numbersFrom, onnxFixture, onnxFixturePath, smallOnnx } from '../utils/onnxModels.ts';

/** Runs a file in ONNX Runtime on samples as wide as the model's input. */
async function runtime(bytes: Uint8Array, shape: readonly number[], inputs: Float64Array, type: 'float32' | 'float64') {
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const data = type === 'float32' ? Float32Array.from(inputs) : inputs;
  const name = session.outputNames[0] as string;
  const results = await session.run({ [session.inputNames[0] as string]: new Tensor(type, data, shape) }, [name]);
  await session.release();
  return Array.from(results[name]?.data as ArrayLike<number | bigint | string>);
}

const samplesFor = (width: number, count: number): Float64Array => {
  const random = numbersFrom(7);
  return Float64Array.from({ length: count * width }, () => Math.fround(random() * 16));
};

describe('importOnnx takes files of other exporters as ONNX Runtime does', () => {
  const scores = [
    { file: 'torch-digits.onnx', sizes: '64-32-10', type: 'float32', logSoftmax: true },
    { file: 'torch-digits-view.onnx', sizes: '64-32-10', type: 'float32', logSoftmax: false },
    { file: 'torch-digits-dynamo.onnx', sizes: '64-32-10', type: 'float32', logSoftmax: false },
    { file: 'torch-mnist-196-25-10.onnx', sizes: '196-25-10', type: 'float32', logSoftmax: false },
    { file: 'helper-rare.onnx', sizes: '4-5-3', type: 'float64', logSoftmax: false },
  ] as const;
  test.each(scores)('$file gives the same scores', async ({ file, sizes, type, logSoftmax }) => {
    const bytes = await onnxFixture(file);
    const model = importOnnx(bytes);
    expect(sizesOf(model).join('-')).toBe(sizes);
    const [width, classes] = [sizesOf(model)[0] as number, sizesOf(model).at(-1) as number];
    const inputs = samplesFor(width, 40);
    const expected = (await runtime(bytes, [40, ...model.inputShape], inputs, type)) as number[];
    const logits = runFloatModel(model, inputs);
    logits.forEach((logit, i) => {
      const row = logits.subarray(i - (i % classes), i - (i % classes) + classes);
      const top = Math.max(...row);
      const offset = logSoftmax ? top + Math.log(row.reduce((sum, x) => sum + Math.exp(x - top), 0)) : 0;
      expect(Math.abs(logit - offset - (expected[i] as number))).toBeLessThan(1e-3 * Math.max(1, Math.abs(top)));
    });
  });

  const classes = [
    { file: 'sklearn-digits.onnx', sizes: '64-32-10', binary: false, labels: Array.from({ length: 10 }, (_, i) => i) },
    { file: 'sklearn-digits-names.onnx', sizes: '64-24-16-10', binary: false, labels: Array.from({ length: 10 }, (_, i) => `digit ${i}`) },
    { file: 'sklearn-cancer.onnx', sizes: '30-16-2', binary: true, labels: [0, 1] },
  ] as const;
  test.each(classes)('$file gives the same classes', async ({ file, sizes, binary, labels }) => {
    const bytes = await onnxFixture(file);
    const model = importOnnx(bytes);
    expect(sizesOf(model).join('-')).toBe(sizes);
    expect(model.binary).toBe(binary);
    expect(model.classLabels).toEqual(labels);
    const width = sizesOf(model)[0] as number;
    const { values } = await readSamples(
      file === 'sklearn-cancer.onnx'
        ? { features: onnxFixturePath('cancer-test.csv'), csv: { labelColumn: 'label', header: true } }
        : { features: onnxFixturePath('digits-test.idx') },
    );
    const inputs = Float64Array.from(values.subarray(0, 160 * width), Math.fround);
    const expected = (await runtime(bytes, [160, width], inputs, 'float32')).map(String);
    const found = firstLargest(runFloatModel(model, inputs), labels.length).map((c) => String(labels[c]));
    expect(found).toEqual(expected);
    expect(new Set(found).size).toBeGreaterThan(1);
  });
});

describe('importOnnx names what it does not take', () => {
  test.each([
    ['torch-tanh.onnx', 'Tanh', '/1/Tanh', /ReLU/],
    ['torch-conv.onnx', 'Conv', '/0/Conv', /dense layers/],
  ])('%s', async (file, op, node, hint) => {
    const bytes = await onnxFixture(file);
    expect(() => importOnnx(bytes)).toThrow(expect.objectContaining({ code: 'MODEL_ONNX_UNSUPPORTED', hint: expect.stringMatching(hint) }));
    expect(() => importOnnx(bytes)).toThrow(new RegExp(`${op}.*'${node}'`));
  });

  const nodes =
    (edit: (nodes: readonly OnnxNode[]) => OnnxNode[]) =>
    (model: OnnxModel): OnnxModel => ({ ...model, nodes: edit(model.nodes) });
  const tail =
    (...more: OnnxNode[]) =>
    (model: OnnxModel): OnnxModel => ({
      ...model,
      nodes: [...model.nodes, ...more],
      outputs: [{ name: more.at(-1)?.outputs[0] as string, type: more.at(-1)?.op === 'ArgMax' ? 'int64' : 'float', dims: ['n', 'm'] }],
    });

  test('the small model itself is taken', () => {
    expect(sizesOf(importOnnx(smallOnnx()))).toEqual([2, 3, 2]);
  });

  const good: [string, (model: OnnxModel) => OnnxModel, number[]][] = [
    [
      'Softmax, ArgMax',
      tail(
        { op: 'Softmax', inputs: ['y'], outputs: ['s'], attributes: { axis: -1n } },
        { op: 'ArgMax', inputs: ['s'], outputs: ['c'], attributes: { axis: 1n } },
      ),
      [2, 3, 2],
    ],
    [
      'a second ReLU',
      nodes(([a, b, c]) => [
        a as OnnxNode,
        b as OnnxNode,
        { op: 'Relu', inputs: ['h'], outputs: ['hh'] },
        { ...(c as OnnxNode), inputs: ['hh', 'w2', 'b2'] },
      ]),
      [2, 3, 2],
    ],
    ['no ReLU: one linear layer', nodes(([a, , c]) => [a as OnnxNode, { ...(c as OnnxNode), inputs: ['p', 'w2', 'b2'] }]), [2, 2]],
    ['scores that end with ReLU', tail({ op: 'Relu', inputs: ['y'], outputs: ['r'] }), [2, 3, 2, 2]],
    [
      'Identity and Dropout',
      tail({ op: 'Identity', inputs: ['y'], outputs: ['i'] }, { op: 'Dropout', inputs: ['i'], outputs: ['d'] }),
      [2, 3, 2],
    ],
  ];
  test.each(good)('takes: %s', async (_, edit, sizes) => {
    const bytes = smallOnnx(edit);
    const model = importOnnx(bytes);
    expect(sizesOf(model)).toEqual(sizes);
    const inputs = samplesFor(2, 30).map((x) => x - 8);
    const expected = await runtime(bytes, [30, 2], inputs, 'float32');
    const logits = runFloatModel(model, inputs);
    if (expected.length === 60) for (const [i, x] of logits.entries()) expect(x).toBeCloseTo(expected[i] as number, 3);
    else expect(firstLargest(logits, 2)).toEqual(expected.map(Number));
  });

  const refused: [string, (model: OnnxModel) => OnnxModel][] = [
    ['a layer behind Softmax', tail({ op: 'Softmax', inputs: ['y'], outputs: ['s'] }, { op: 'Relu', inputs: ['s'], outputs: ['t'] })],
    ['scores turned around', tail({ op: 'Softmax', inputs: ['y'], outputs: ['s'] }, { op: 'Neg', inputs: ['s'], outputs: ['t'] })],
    ['the last of the largest', tail({ op: 'ArgMax', inputs: ['y'], outputs: ['c'], attributes: { axis: 1n, select_last_index: 1n } })],
    ['ArgMax over the samples', tail({ op: 'ArgMax', inputs: ['y'], outputs: ['c'], attributes: { axis: 0n } })],
    ['a skip connection', tail({ op: 'Add', inputs: ['y', 'x'], outputs: ['z'] })],
    ['samples multiplied among themselves', tail({ op: 'MatMul', inputs: ['y', 'x'], outputs: ['z'] })],
    [
      'a Dropout that is at work',
      (model) => ({
        ...tail({ op: 'Dropout', inputs: ['y', 'b2', 'on'], outputs: ['z'] })(model),
        initializers: [...model.initializers, { name: 'on', type: 'bool', dims: [], data: Uint8Array.of(1) }],
      }),
    ],
    [
      'a batch norm in training',
      tail({ op: 'BatchNormalization', inputs: ['y', 'b2', 'b2', 'b2', 'b2'], outputs: ['z'], attributes: { training_mode: 1n } }),
    ],
    ['samples flattened together', tail({ op: 'Flatten', inputs: ['y'], outputs: ['z'], attributes: { axis: 0n } })],
    ['two heads', (model) => ({ ...model, outputs: [...model.outputs, { name: 'p', type: 'float', dims: ['n', 3] }] })],
    [
      'two inputs',
      (model) => ({
        ...tail({ op: 'Add', inputs: ['y', 'x2'], outputs: ['z'] })(model),
        inputs: [...model.inputs, { name: 'x2', type: 'float', dims: ['n', 2] }],
      }),
    ],
    ['an open width', (model) => ({ ...model, inputs: [{ name: 'x', type: 'float', dims: ['n', 'm'] }] })],
    ['no batch dimension', (model) => ({ ...model, inputs: [{ name: 'x', type: 'float', dims: [2] }] })],
    [
      'one output, no Sigmoid',
      (model) => ({
        ...model,
        initializers: model.initializers.map((t) =>
          t.name === 'w2'
            ? { ...t, dims: [3, 1], data: Float32Array.of(1, 2, 3) }
            : t.name === 'b2'
              ? { ...t, dims: [1], data: Float32Array.of(1) }
              : t,
        ),
      }),
    ],
    ['an output of constants', (model) => ({ ...tail({ op: 'Identity', inputs: ['b2'], outputs: ['z'] })(model) })],
    ['LeakyRelu', nodes((all) => all.map((node) => (node.op === 'Relu' ? { ...node, op: 'LeakyRelu' } : node)))],
    [
      'more than 16 layers',
      nodes(([a, b, c]) => {
        const deep = Array.from({ length: 17 }, (_, i): OnnxNode[] => [
          { op: 'Neg', inputs: [i === 0 ? 'h' : `r${i - 1}`], outputs: [`n${i}`] },
          { op: 'Relu', inputs: [`n${i}`], outputs: [`r${i}`] },
        ]);
        return [a as OnnxNode, b as OnnxNode, ...deep.flat(), { ...(c as OnnxNode), inputs: ['r16', 'w2', 'b2'] }];
      }),
    ],
  ];
  test.each(refused)('refuses: %s', async (_, edit) => {
    expect(await codeOf(() => importOnnx(smallOnnx(edit)))).toBe('MODEL_ONNX_UNSUPPORTED');
  });

  test('a batch of a fixed size, as exporters write it by default: samples are still apart', () => {
    const fixed = (first: bigint) =>
      smallOnnx((model) => ({
        ...model,
        inputs: [{ name: 'x', type: 'float', dims: [1, 1, 2] }],
        initializers: [...model.initializers, { name: 'shape', type: 'int64', dims: [2], data: BigInt64Array.of(first, -1n) }],
        nodes: [
          { op: 'Reshape', inputs: ['x', 'shape'], outputs: ['flat'] },
          { op: 'Gemm', inputs: ['flat', 'w1', 'b1'], outputs: ['p'] },
          ...model.nodes.slice(1),
        ],
      }));
    for (const first of [1n, 0n]) expect(sizesOf(importOnnx(fixed(first)))).toEqual([2, 3, 2]);
    expect(() => importOnnx(fixed(2n))).toThrow(expect.objectContaining({ code: 'MODEL_ONNX_UNSUPPORTED' }));
  });

  test('a node that no output needs may be anything', () => {
    const model = importOnnx(
      smallOnnx((small) => ({ ...small, nodes: [...small.nodes, { op: 'Tanh', inputs: ['y'], outputs: ['unused'] }] })),
    );
    expect(sizesOf(model)).toEqual([2, 3, 2]);
  });
});
