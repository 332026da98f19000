import { readFileSync } from 'node:fs';
import { type Hex, hexToBytes, toHex } from 'viem';
import { describe, expect, test } from 'vitest';
import { loadPoseidon2 } from '../../src/commitment/poseidon2.ts';
import { decodeDatasetBlob, encodeDatasetBlob } from '../../src/data/datasetBlob.ts';
import { cutMinibatches, datasetTree } from '../../src/data/minibatchSet.ts';
import { shuffledOrder } from '../../src/data/shuffledOrder.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/model/checkpoint.ts';
import { genesisWeights } from '../../src/model/genesis.ts';
import type { ArithmeticSpec } from '../../src/quant/spec.ts';
import { createOnnxEngine } from '../../src/train/createOnnxEngine.ts';
import { referenceStep } from '../../src/train/referenceStep.ts';

type Vectors = {
  spec: ArithmeticSpec;
  sizes: number[];
  genesis: { seed: Hex; gain: number; weights: number[][] };
  steps: {
    features: number[];
    labels: number[];
    loss: number;
    layers: { z: number[]; outputs: number[]; deltas: number[]; h?: number[] }[];
    weights: number[][];
  }[];
  checkpoint: { modelId: Hex; blob: Hex };
  shuffle: { seed: Hex; order: number[] };
  dataset: {
    count: number;
    width: number;
    classes: number;
    featureBits: number;
    features: number[];
    labels: number[];
    batch: number;
    depth: number;
    salts: number[];
    leaves: Hex[];
    root: Hex;
    blob: Hex;
  };
};

const vectors = JSON.parse(readFileSync(new URL('../vectors/train.json', import.meta.url), 'utf8')) as Vectors;
const { spec, sizes } = vectors;
const plain = (weights: readonly Int32Array[]): number[][] => weights.map((layer) => Array.from(layer));

describe('test/vectors/train.json', () => {
  test('genesis', () => {
    expect(plain(genesisWeights(spec, sizes, vectors.genesis.seed, vectors.genesis.gain))).toEqual(vectors.genesis.weights);
  });

  test('two steps, by both engines', async () => {
    const engine = await createOnnxEngine(spec, sizes);
    let weights: Int32Array[] = vectors.genesis.weights.map((layer) => Int32Array.from(layer));
    for (const step of vectors.steps) {
      const batch = { features: Uint8Array.from(step.features), labels: Uint8Array.from(step.labels) };
      const trace = referenceStep(spec, sizes, weights, batch);
      expect(trace.loss).toBe(step.loss);
      trace.layers.forEach((layer, l) => {
        const { z, outputs, deltas, h } = layer;
        expect({ z: [...z], outputs: [...outputs], deltas: [...deltas], ...(h === undefined ? {} : { h: [...h] }) }).toEqual(
          step.layers[l],
        );
      });
      expect(plain(trace.weights)).toEqual(step.weights);
      const onnx = await engine.step(weights, batch);
      expect(onnx.loss).toBe(step.loss);
      expect(plain(onnx.weights)).toEqual(step.weights);
      weights = trace.weights;
    }
    await engine.close();
  });

  test('checkpoint blob', () => {
    const { modelId, blob } = vectors.checkpoint;
    const weights = vectors.genesis.weights.map((layer) => Int32Array.from(layer));
    expect(toHex(encodeCheckpoint({ modelId, sizes, weights }))).toBe(blob);
    expect(decodeCheckpoint(hexToBytes(blob))).toEqual({ modelId, sizes, weights });
  });

  test('shuffle', () => {
    expect(Array.from(shuffledOrder(vectors.shuffle.order.length, vectors.shuffle.seed))).toEqual(vectors.shuffle.order);
  });

  test('leaves, root and dataset blob', async () => {
    const p2 = await loadPoseidon2();
    const { features, labels, batch, depth, salts, leaves, root, blob, ...rest } = vectors.dataset;
    const data = { ...rest, features: Uint8Array.from(features), labels: Uint8Array.from(labels) };
    const set = cutMinibatches(p2, data, { batch, depth, salt: (i) => BigInt(salts[i] as number) });
    expect(set.leaves.map((leaf) => toHex(leaf, { size: 32 }))).toEqual(leaves);
    expect(toHex(datasetTree(p2, set).root, { size: 32 })).toBe(root);
    expect(toHex(encodeDatasetBlob(set))).toBe(blob);
    expect(decodeDatasetBlob(hexToBytes(blob))).toEqual(set);
  });
});
