import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadMnist } from '../../src/data/loadMnist.ts';
import { genesisWeights } from '../../src/model/genesis.ts';
import { defaultSpec, weightBits } from '../../src/quant/spec.ts';
import { createOnnxEngine } from '../../src/train/createOnnxEngine.ts';
import { createReferenceEngine } from '../../src/train/createReferenceEngine.ts';
import type { Engine } from '../../src/train/engine.ts';
import { referenceStep, type StepTrace } from '../../src/train/referenceStep.ts';
import { type BigStep, bigintStep } from '../utils/bigintStep.ts';
import { codeOf } from '../utils/codeOf.ts';
import { stepCase } from '../utils/stepCases.ts';

const seed = `0x${'2a'.repeat(32)}` as const;

/** Every value of the trace, compared as integers. */
function expectEqualSteps(trace: StepTrace, big: BigStep, samples: number): void {
  expect(BigInt(trace.loss)).toBe(big.loss);
  trace.layers.forEach((layer, l) => {
    const other = big.layers[l] as BigStep['layers'][number];
    expect(Array.from(layer.z, BigInt)).toEqual(other.z);
    expect(Array.from(layer.outputs, BigInt)).toEqual(other.outputs);
    expect(Array.from(layer.deltas, BigInt)).toEqual(other.deltas);
    expect(layer.h === undefined ? undefined : Array.from(layer.h, BigInt)).toEqual(other.h);
    expect(layer.inputs.length).toBe(samples * (layer.inputs.length / samples));
    expect(Array.from(trace.weights[l] as Int32Array, BigInt)).toEqual(big.weights[l]);
  });
}

describe('one step', () => {
  test('the reference equals BigInt arithmetic, trace and all', () => {
    fc.assert(
      fc.property(stepCase, ({ spec, sizes, weights, features, labels }) => {
        const before = weights.map((layer) => layer.slice());
        const trace = referenceStep(spec, sizes, weights, { features, labels });
        expectEqualSteps(trace, bigintStep(spec, sizes, weights, features, labels), 2 ** spec.lb);
        expect(weights).toEqual(before);
      }),
      { numRuns: 2000, seed: 2 },
    );
  });

  test('ONNX Runtime equals the reference', async () => {
    await fc.assert(
      fc.asyncProperty(stepCase, async ({ spec, sizes, weights, features, labels }) => {
        const engine = await createOnnxEngine(spec, sizes, { threads: 1 });
        const { weights: after, loss } = await engine.step(weights, { features, labels });
        await engine.close();
        const trace = referenceStep(spec, sizes, weights, { features, labels });
        expect(loss).toBe(trace.loss);
        expect(after).toEqual(trace.weights);
      }),
      { numRuns: 300, seed: 3 },
    );
  });
});

describe('clip edges and floors', () => {
  // One sample with feature 0: z is the bias weight times 16, so each z is chosen exactly.
  const spec = defaultSpec(0);
  const fw = weightBits(spec);
  const run = async (sizes: number[], weights: Int32Array[], label: number) => {
    const batch = { features: Uint8Array.of(0), labels: Uint8Array.of(label) };
    const trace = referenceStep(spec, sizes, weights, batch);
    expectEqualSteps(trace, bigintStep(spec, sizes, weights, batch.features, batch.labels), 1);
    const engine = await createOnnxEngine(spec, sizes, { threads: 1 });
    const { weights: after, loss } = await engine.step(weights, batch);
    await engine.close();
    expect({ after, loss }).toEqual({ after: trace.weights, loss: trace.loss });
    return trace;
  };

  test('hidden: f at -2, -1, 0, 1, 126, 127, 128, 129, each exact and one unit of z below', async () => {
    const quotients = [-2, -1, 0, 1, 126, 127, 128, 129];
    const biases = quotients.flatMap((f) => [(f * 2 ** fw) / 16, (f * 2 ** fw) / 16 - 1]);
    const n = biases.length;
    // Second layer: every error reaches every hidden neuron.
    const second = Int32Array.from({ length: (n + 1) * 2 }, (_, k) => (k % 2 === 0 ? 3 * 2 ** fw : -(2 ** fw)));
    const { layers } = await run([1, n, 2], [Int32Array.from([...biases.map(() => 0), ...biases]), second], 1);
    const hidden = layers[0] as (typeof layers)[number];
    const f = quotients.flatMap((q) => [q, q - 1]);
    expect(Array.from(hidden.outputs)).toEqual(f.map((q) => Math.max(0, Math.min(127, q))));
    expect(Array.from(hidden.mask)).toEqual(f.map((q) => (q >= 0 && q <= 127 ? 1 : 0)));
    hidden.deltas.forEach((d, k) => {
      expect(d !== 0).toBe(hidden.mask[k] === 1);
    });
  });

  test('output: g at -1, 0, 1, 15, 16, 17, each exact and one unit of z below, with and without the label', async () => {
    const values = [-1, 0, 1, 15, 16, 17].flatMap((g) => [g, g - 1]);
    const biases = [-1, 0, 1, 15, 16, 17].flatMap((g) => [((g - 8) * 2 ** (fw + 2)) / 16, ((g - 8) * 2 ** (fw + 2)) / 16 - 1]);
    for (let label = 0; label < values.length; label++) {
      const { layers } = await run([1, values.length], [Int32Array.from([...biases.map(() => 0), ...biases])], label);
      const q = values.map((g) => Math.max(0, Math.min(16, g)));
      expect(Array.from(layers[0]?.outputs ?? [])).toEqual(q);
      expect(Array.from(layers[0]?.deltas ?? [])).toEqual(q.map((value, j) => (j === label ? value - 16 : value)));
    }
  });

  test('deltas are rounded half up, below zero too', async () => {
    // One output with q = 16 and another label: e = 16 and e W = 16 * weight, so halves and their neighbours occur.
    const half = 2 ** (fw - 1) / 16;
    const weights = [1, -1, 3, -3, 5, -5].flatMap((odd) => [odd * half - 1, odd * half, odd * half + 1]);
    const n = weights.length;
    const second = Int32Array.from({ length: (n + 1) * 2 }, (_, k) => (k % 2 === 1 ? 0 : (weights[k / 2] ?? 2 ** (fw + 3))));
    const { layers } = await run([1, n, 2], [new Int32Array(2 * n), second], 1);
    expect(layers[1]?.deltas[0]).toBe(16);
    expect(Array.from(layers[0]?.deltas ?? [])).toEqual(weights.map((w) => Math.floor((16 * w) / 2 ** fw + 0.5)));
  });
});

describe('real MNIST', () => {
  const cases = [
    { sizes: [196, 64, 10], lb: 4, pool: 2 as const, steps: 20 },
    { sizes: [784, 128, 10], lb: 6, pool: 1 as const, steps: 4 },
  ];
  test.each(cases)('$sizes: the engines agree step for step', async ({ sizes, lb, pool, steps }) => {
    const spec = defaultSpec(lb);
    const samples = 2 ** lb;
    const { train } = await loadMnist({ pool, fx: 4, limit: samples * steps });
    const engines: Engine[] = [
      createReferenceEngine(spec, sizes),
      await createOnnxEngine(spec, sizes),
      await createOnnxEngine(spec, sizes, { threads: 1 }),
    ];
    let weights = genesisWeights(spec, sizes, seed);
    const losses: number[] = [];
    for (let t = 0; t < steps; t++) {
      const batch = {
        features: train.features.slice(t * samples * train.width, (t + 1) * samples * train.width),
        labels: train.labels.slice(t * samples, (t + 1) * samples),
      };
      const [reference, ...others] = await Promise.all(engines.map((engine) => engine.step(weights, batch)));
      for (const other of others) expect(other).toEqual(reference);
      if (t === 0 && pool === 2) {
        const big = bigintStep(spec, sizes, weights, batch.features, batch.labels);
        expectEqualSteps(referenceStep(spec, sizes, weights, batch), big, samples);
      }
      weights = reference?.weights as Int32Array[];
      losses.push(reference?.loss as number);
    }
    for (const engine of engines) await engine.close();
    // It learns: a control that the integers are not merely equal.
    if (steps >= 20) expect(losses.at(-1)).toBeLessThan(losses[0] as number);
  });
});

describe('refusals', () => {
  const spec = defaultSpec(2);
  const sizes = [3, 4, 2];
  const weights = genesisWeights(spec, sizes, seed);
  const batch = { features: new Uint8Array(12).fill(15), labels: Uint8Array.of(0, 1, 0, 1) };
  let onnx: Engine;
  beforeAll(async () => {
    onnx = await createOnnxEngine(spec, sizes, { threads: 1 });
  });
  afterAll(() => onnx.close());
  const refused: [string, Int32Array[], typeof batch][] = [
    ['TRAIN_MINIBATCH_INVALID', weights, { ...batch, labels: Uint8Array.of(0, 1, 0) }],
    ['TRAIN_MINIBATCH_INVALID', weights, { ...batch, labels: Uint8Array.of(0, 1, 0, 2) }],
    ['TRAIN_MINIBATCH_INVALID', weights, { ...batch, features: new Uint8Array(11) }],
    ['TRAIN_MINIBATCH_INVALID', weights, { ...batch, features: new Uint8Array(12).fill(16) }],
    ['MODEL_WEIGHTS_INVALID', weights.slice(1), batch],
    ['MODEL_WEIGHTS_INVALID', [weights[0] as Int32Array, new Int32Array(9)], batch],
    ['QUANT_BOUND_EXCEEDED', weights.map((layer) => layer.map(() => 2 ** 31 - 1)), batch],
    ['QUANT_BOUND_EXCEEDED', weights.map((layer) => layer.map(() => -(2 ** 31))), batch],
  ];
  test.each(refused)('%s by both engines', async (code, w, b) => {
    const reference = createReferenceEngine(spec, sizes);
    expect(await codeOf(() => reference.step(weights, batch))).toBe(undefined);
    expect(await codeOf(() => onnx.step(weights, batch))).toBe(undefined);
    expect(await codeOf(() => reference.step(w, b))).toBe(code);
    expect(await codeOf(() => onnx.step(w, b))).toBe(code);
  });

  test('an engine is not made for a shape or spec that is not allowed', async () => {
    expect(await codeOf(() => createReferenceEngine(spec, [3]))).toBe('MODEL_ARCHITECTURE_INVALID');
    expect(await codeOf(() => createOnnxEngine(spec, [3, 0, 2]))).toBe('MODEL_ARCHITECTURE_INVALID');
    expect(await codeOf(() => createOnnxEngine({ ...spec, fa: 3 }, sizes))).toBe('QUANT_SPEC_INVALID');
  });
});
