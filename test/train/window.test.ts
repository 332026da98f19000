import { describe, expect, test } from 'vitest';
import { loadMnist } from '../../src/data/loadMnist.ts';
import { genesisWeights } from '../../src/model/genesis.ts';
import { defaultSpec } from '../../src/quant/spec.ts';
import { createOnnxEngine } from '../../src/train/createOnnxEngine.ts';
import { createReferenceEngine } from '../../src/train/createReferenceEngine.ts';
import { evaluate } from '../../src/train/evaluate.ts';
import { referenceStep } from '../../src/train/referenceStep.ts';
import { assertWindowStart, trainWindow } from '../../src/train/trainWindow.ts';
import { codeOf } from '../utils/codeOf.ts';

const seed = `0x${'07'.repeat(32)}` as const;

describe('trainWindow', () => {
  const spec = defaultSpec(1);
  const sizes = [4, 3, 2];
  const weights = genesisWeights(spec, sizes, seed);
  const batches = Array.from({ length: 4 }, (_, t) => ({
    features: Uint8Array.from({ length: 8 }, (_, i) => (5 * i + 3 * t) % 16),
    labels: Uint8Array.of(t % 2, 1),
  }));

  test('is its steps in order, and sums their losses', async () => {
    let current = weights;
    let lossSum = 0;
    for (const batch of batches) {
      const trace = referenceStep(spec, sizes, current, batch);
      lossSum += trace.loss;
      current = trace.weights;
    }
    for (const engine of [createReferenceEngine(spec, sizes), await createOnnxEngine(spec, sizes)]) {
      const window = await trainWindow(engine, weights, batches);
      expect(window.weights).toEqual(current);
      expect(window.lossSum).toBe(lossSum);
      expect(window.losses.length).toBe(4);
      const reversed = await trainWindow(engine, weights, batches.toReversed());
      expect(reversed.weights).not.toEqual(current);
      expect(await codeOf(() => trainWindow(engine, weights, []))).toBe('TRAIN_WINDOW_EMPTY');
      await engine.close();
    }
  });

  test('may not start beyond wmax', async () => {
    const edge = weights.map((layer) => layer.slice());
    (edge[1] as Int32Array)[2] = -spec.wmax;
    expect(await codeOf(() => assertWindowStart(spec, edge))).toBe(undefined);
    (edge[1] as Int32Array)[2] = -spec.wmax - 1;
    expect(await codeOf(() => assertWindowStart(spec, edge))).toBe('TRAIN_WEIGHTS_TOO_LARGE');
  });
});

describe('evaluate', () => {
  test('counts what the integer forward pass classifies right, ties to the first class', async () => {
    const spec = defaultSpec(0);
    const sizes = [2, 3];
    // Class 0 where the first feature is larger, class 1 where the second is, class 2 never; equal features tie between 0 and 1.
    const weights = [Int32Array.of(10, 0, 0, 0, 10, 0, 0, 0, -1)];
    const features = Uint8Array.of(9, 3, 3, 9, 5, 5, 1, 0);
    expect(await evaluate(spec, sizes, weights, features, Uint8Array.of(0, 1, 0, 0))).toEqual({
      correct: 4,
      total: 4,
      accuracy: 1,
      engine: 'onnxruntime',
    });
    expect(await evaluate(spec, sizes, weights, features, Uint8Array.of(0, 1, 1, 2))).toEqual({
      correct: 2,
      total: 4,
      accuracy: 0.5,
      engine: 'onnxruntime',
    });
  });

  test('refuses data of another shape or range', async () => {
    const spec = defaultSpec(0);
    const weights = [new Int32Array(9)];
    expect(await codeOf(() => evaluate(spec, [2, 3], weights, Uint8Array.of(1, 2), Uint8Array.of(0)))).toBe(undefined);
    expect(await codeOf(() => evaluate(spec, [2, 3], weights, Uint8Array.of(1), Uint8Array.of(0)))).toBe('TRAIN_DATA_INVALID');
    expect(await codeOf(() => evaluate(spec, [2, 3], weights, Uint8Array.of(1, 16), Uint8Array.of(0)))).toBe('TRAIN_DATA_INVALID');
    expect(await codeOf(() => evaluate(spec, [2, 3], weights, new Uint8Array(), new Uint8Array()))).toBe('TRAIN_DATA_INVALID');
  });

  test('six windows of four steps lift MNIST well above chance', async () => {
    const spec = defaultSpec(4);
    const sizes = [196, 64, 10];
    const { train, test: held } = await loadMnist({ pool: 2, fx: 4, limit: 24 * 16 });
    const engine = await createOnnxEngine(spec, sizes);
    const genesis = genesisWeights(spec, sizes, seed, 4);
    const batches = Array.from({ length: 24 }, (_, t) => ({
      features: train.features.slice(t * 16 * 196, (t + 1) * 16 * 196),
      labels: train.labels.slice(t * 16, (t + 1) * 16),
    }));
    const { weights } = await trainWindow(engine, genesis, batches);
    await engine.close();
    const before = await evaluate(spec, sizes, genesis, held.features, held.labels);
    const after = await evaluate(spec, sizes, weights, held.features, held.labels);
    expect(before.total).toBe(10_000);
    expect(before.accuracy).toBeLessThan(0.25);
    expect(after.accuracy).toBeGreaterThan(0.55);
    expect(await codeOf(() => assertWindowStart(spec, weights))).toBe(undefined);
  });
});
