import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { readSamples } from '../../src/data/readSamples.ts';
import { scaleSamples } from '../../src/data/scaleSamples.ts';
import { columnRanges } from '../../src/data/scaleTable.ts';
import { exportOnnx } from '../../src/model/exportOnnx.ts';
import type { FloatModel } from '../../src/model/floatModel.ts';
import { importOnnx } from '../../src/model/importOnnx.ts';
import { compareModels, type ModelSamples, quantiseModel } from '../../src/model/quantise.ts';
import { largestWeight } from '../../src/quant/exact.ts';
import { type ArithmeticSpec, defaultSpec, weightBits } from '../../src/quant/spec.ts';
import { bigintStep } from '../utils/bigintStep.ts';
import { codeOf } from '../utils/codeOf.ts';
import { numbersFrom, onnxFixture, onnxFixturePath } from '../utils/onnxModels.ts';

const digits = async (part: 'calibrate' | 'test') =>
  readSamples({ features: onnxFixturePath(`digits-${part}.idx`), labels: onnxFixturePath(`digits-${part}-labels.idx`) });

const cancer = async (part: 'calibrate' | 'test') =>
  readSamples({ features: onnxFixturePath(`cancer-${part}.csv`), csv: { labelColumn: 'label', header: true } });

async function samplesOf(read: typeof digits, spec: ArithmeticSpec, scale = 1): Promise<{ calibration: ModelSamples; test: ModelSamples }> {
  const tables = { calibration: await read('calibrate'), test: await read('test') };
  const ranges = columnRanges(
    tables.calibration,
    Uint32Array.from({ length: tables.calibration.count }, (_, i) => i),
  );
  const make = (table: typeof tables.test): ModelSamples => ({
    features: scaleSamples(table, { ranges, pool: null }, spec.fx),
    inputs: Float64Array.from(table.values, (x) => x / scale),
    labels: Uint8Array.from(table.labels),
  });
  return { calibration: make(tables.calibration), test: make(tables.test) };
}

const wide = (fx: number, actBits: number): ArithmeticSpec => {
  const spec = { ...defaultSpec(4), fx, fa: fx, actBits };
  return { ...spec, wmax: 2 ** (weightBits(spec) + 2) };
};

describe('quantiseModel', () => {
  test.each([
    ['sklearn-digits.onnx', digits, 1, 1.5],
    ['sklearn-digits-names.onnx', digits, 1, 1.5],
    ['torch-digits.onnx', digits, 16, 1.5],
    ['torch-digits-dynamo.onnx', digits, 1, 1.5],
    ['sklearn-cancer.onnx', cancer, 1, 2],
  ] as const)('%s keeps its accuracy on samples it has not seen', async (file, read, divide, points) => {
    const spec = defaultSpec(4);
    const model = importOnnx(await onnxFixture(file));
    const { calibration, test } = await samplesOf(read, spec, divide);
    const quantised = quantiseModel(model, spec, calibration, true);
    expect(largestWeight(quantised.weights)).toBeLessThanOrEqual(spec.wmax);
    const found = compareModels(model, spec, quantised.weights, test);
    expect(found.floatAccuracy).toBeGreaterThan(0.94);
    expect(found.loss).toBeLessThan(points);
    expect(found.agreement).toBeGreaterThan(0.97);
    expect(quantised.layers.length).toBeGreaterThan(0);
    for (const layer of quantised.layers) expect(layer.saturatedActivations).toBeLessThan(0.02);
  });

  test('more bits follow the float model more closely', async () => {
    const model = importOnnx(await onnxFixture('torch-digits-dynamo.onnx'));
    const agreement: number[] = [];
    for (const spec of [wide(2, 3), defaultSpec(4), wide(7, 12)]) {
      const { calibration, test } = await samplesOf(digits, spec);
      agreement.push(compareModels(model, spec, quantiseModel(model, spec, calibration, true).weights, test).agreement);
    }
    const [few, standard, many] = agreement as [number, number, number];
    expect(few).toBeLessThan(standard);
    expect(many).toBeGreaterThanOrEqual(standard);
    expect(many).toBeGreaterThan(0.995);
  });

  test('ONNX Runtime computes the same integers from the exported model, and so do BigInts', async () => {
    const spec = defaultSpec(4);
    const model = importOnnx(await onnxFixture('sklearn-digits-names.onnx'));
    const { calibration, test } = await samplesOf(digits, spec);
    const { weights, sizes } = quantiseModel(model, spec, calibration, true);
    const random = numbersFrom(3);
    // Samples, and inputs that no data set holds: every level at its ends, and random ones.
    const edges = Uint8Array.from([
      ...new Array(64).fill(0),
      ...new Array(64).fill(15),
      ...Array.from({ length: 14 * 64 }, () => Math.floor(random() * 16)),
    ]);
    const session = await InferenceSession.create(exportOnnx(spec, sizes, weights));
    for (const features of [edges, ...Array.from({ length: 8 }, (_, i) => test.features.subarray(i * 1024, (i + 1) * 1024))]) {
      const results = await session.run({ features: new Tensor('uint8', features, [16, 64]) });
      const z = bigintStep(spec, sizes, weights, features, new Uint8Array(16)).layers.at(-1)?.z;
      expect(Array.from(results['logits']?.data as BigInt64Array)).toEqual(z);
    }
    await session.release();
    const logitsOnly = await InferenceSession.create(exportOnnx(spec, sizes, weights, {}, ['logits']));
    expect(logitsOnly.outputNames).toEqual(['logits']);
    await logitsOnly.release();
  });

  test('a neuron whose weights are too large for its range gives way; one that is silent does no harm', () => {
    const spec = defaultSpec(4);
    const dense = (inputs: number, outputs: number, weights: number[], bias: number[], relu: boolean) => ({
      inputs,
      outputs,
      weights: Float64Array.from(weights),
      bias: Float64Array.from(bias),
      relu,
    });
    // Neuron 0 is carried by one small input, neuron 1 never fires, neuron 2 has a bias far beyond its inputs.
    const model: FloatModel = {
      layers: [dense(2, 3, [40, -1, 1, 0, -1, 1], [0, -5, 200], true), dense(3, 2, [1, -1, 3, 2, 0.01, -0.02], [0.5, 1], false)],
      classLabels: undefined,
      binary: false,
      inputShape: [2],
      passedOver: [],
    };
    const random = numbersFrom(5);
    const features = Uint8Array.from({ length: 2 * 200 }, (_, i) => (i % 2 === 0 ? Math.floor(random() * 3) : Math.floor(random() * 16)));
    const quantised = quantiseModel(model, spec, { features, inputs: Float64Array.from(features), labels: undefined }, false);
    expect(largestWeight(quantised.weights)).toBeLessThanOrEqual(spec.wmax);
    expect(quantised.layers[0]?.limitedNeurons).toBeGreaterThan(0);
    const found = compareModels(model, spec, quantised.weights, { features, inputs: Float64Array.from(features), labels: undefined });
    expect(found.agreement).toBeGreaterThan(0.9);
    expect(found.floatAccuracy).toBe(null);
  });

  test('refuses what it cannot calibrate or hold', async () => {
    const spec = defaultSpec(4);
    const model = importOnnx(await onnxFixture('torch-digits-dynamo.onnx'));
    const { calibration } = await samplesOf(digits, spec);
    const first = (count: number): ModelSamples => ({
      features: calibration.features.subarray(0, 64 * count),
      inputs: calibration.inputs.subarray(0, 64 * count),
      labels: undefined,
    });
    expect(await codeOf(() => quantiseModel(model, spec, first(16), true))).toBeUndefined();
    expect(await codeOf(() => quantiseModel(model, spec, first(15), true))).toBe('MODEL_CALIBRATION_SMALL');
    expect(await codeOf(() => quantiseModel(model, spec, { ...first(16), inputs: calibration.inputs }, true))).toBe('MODEL_INPUT_INVALID');
    expect(await codeOf(() => quantiseModel(model, spec, { ...first(16), inputs: new Float64Array(64 * 16).fill(Number.NaN) }, true))).toBe(
      'MODEL_INPUT_INVALID',
    );
    expect(await codeOf(() => quantiseModel(model, { ...spec, fx: 5 }, first(16), true))).toBe('QUANT_SPEC_INVALID');
    const layer = (inputs: number, outputs: number, relu: boolean) => ({
      inputs,
      outputs,
      weights: new Float64Array(inputs * outputs),
      bias: new Float64Array(outputs),
      relu,
    });
    const broad: FloatModel = { ...model, layers: [layer(64, 200, true), layer(200, 2, false)] };
    const huge = { ...wide(4, 15), wmax: 2 ** 31 - 1 };
    expect(await codeOf(() => quantiseModel(broad, { ...huge, wmax: 2 ** 20 }, first(16), true))).toBeUndefined();
    expect(await codeOf(() => quantiseModel(broad, huge, first(16), true))).toBe('QUANT_BOUND_EXCEEDED');
  });
});
