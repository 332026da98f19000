import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodePacked, hexToBigInt, keccak256, toHex } from 'viem';
import { describe, expect, test } from 'vitest';
import { importDataset } from '../../src/data/importDataset.ts';
import { loadMnist } from '../../src/data/loadMnist.ts';
import { encodeNpy } from '../../src/data/npy.ts';
import { poolImages } from '../../src/data/poolImages.ts';
import { columnRanges, scaleTable } from '../../src/data/scaleTable.ts';
import { shuffledOrder } from '../../src/data/shuffledOrder.ts';
import { splitSamples } from '../../src/data/splitSamples.ts';
import { codeOf } from '../utils/codeOf.ts';
import { useScratch } from '../utils/useScratch.ts';

const scratch = useScratch('data');
const seed = keccak256(toHex('shuffle test'));

describe('shuffle and split', () => {
  test('is the documented Fisher-Yates', () => {
    const order = Array.from({ length: 40 }, (_, i) => i);
    for (let i = 39; i > 0; i--) {
      const digest = hexToBigInt(
        keccak256(encodePacked(['bytes32', 'bytes32', 'uint64'], [keccak256(toHex('assay.shuffle.v1')), seed, BigInt(i)])),
      );
      const swap = Number((digest & (2n ** 48n - 1n)) % BigInt(i + 1));
      [order[i], order[swap]] = [order[swap] as number, order[i] as number];
    }
    expect(Array.from(shuffledOrder(40, seed))).toEqual(order);
    expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i));
    expect(Array.from(shuffledOrder(40, keccak256(toHex('another'))))).not.toEqual(order);
  });

  test('held-out samples are the rest of the shuffle', async () => {
    const { train, test: held } = splitSamples(40, 10, seed);
    expect([...train, ...held]).toEqual(Array.from(shuffledOrder(40, seed)));
    expect(held.length).toBe(10);
    for (const count of [40, -1, 0.5]) expect(await codeOf(() => splitSamples(40, count, seed))).toBe('DATA_SPLIT_INVALID');
    expect(await codeOf(() => splitSamples(40, 10, '0xab'))).toBe('DATA_SEED_INVALID');
  });
});

describe('pooling and scaling', () => {
  const table = { count: 1, width: 16, values: Uint8Array.from({ length: 16 }, (_, i) => 17 * i), labels: [0] };

  test('2 x 2 means, then the highest four bits', () => {
    const pooled = poolImages(table, { height: 4, width: 4, factor: 2 });
    expect(Array.from(pooled.values)).toEqual([42.5, 76.5, 178.5, 212.5]);
    const { features } = scaleTable(pooled, [[0, 256]], 4, 1, [0]);
    expect(Array.from(features)).toEqual(Array.from(pooled.values, (v) => Math.floor(v) >> 4));
  });

  test('a byte keeps its highest bits', () => {
    const bytes = { count: 256, width: 1, values: Uint8Array.from({ length: 256 }, (_, i) => i), labels: new Uint8Array(256) };
    const all = Array.from({ length: 256 }, (_, i) => i);
    for (const bits of [1, 4, 8]) {
      expect(Array.from(scaleTable(bytes, [[0, 256]], bits, 1, all).features)).toEqual(all.map((v) => v >> (8 - bits)));
    }
  });

  test('columns have ranges of their own, from the samples that train', () => {
    const two = { count: 3, width: 2, values: Float64Array.of(-1, 5, 1, 5, 99, -99), labels: [0, 1, 1] };
    const ranges = columnRanges(two, [0, 1]);
    expect(ranges).toEqual([
      [-1, 1],
      [5, 6],
    ]);
    expect(Array.from(scaleTable(two, ranges, 2, 2, [0, 1, 2]).features)).toEqual([0, 0, 3, 0, 3, 0]);
  });

  test('refusals', async () => {
    expect(await codeOf(() => poolImages(table, { height: 4, width: 4, factor: 3 }))).toBe('DATA_POOL_INVALID');
    expect(await codeOf(() => poolImages(table, { height: 4, width: 5, factor: 1 }))).toBe('DATA_POOL_INVALID');
    expect(await codeOf(() => scaleTable(table, [[1, 1]], 4, 1, [0]))).toBe('DATA_RANGE_INVALID');
    expect(
      await codeOf(() =>
        scaleTable(
          table,
          [
            [0, 1],
            [0, 1],
          ],
          4,
          1,
          [0],
        ),
      ),
    ).toBe('DATA_RANGE_INVALID');
    const nan = { ...table, values: new Float64Array(16).fill(Number.NaN) };
    expect(await codeOf(() => scaleTable(nan, [[0, 1]], 4, 1, [0]))).toBe('DATA_INVALID');
    expect(await codeOf(() => scaleTable({ ...table, labels: [1] }, [[0, 256]], 4, 1, [0]))).toBe('DATA_INVALID');
    expect(await codeOf(() => scaleTable({ ...table, labels: [0.5] }, [[0, 256]], 4, 1, [0]))).toBe('DATA_INVALID');
  });
});

describe('importDataset', () => {
  const rows = Array.from({ length: 10 }, (_, i) => `${i},${100 - i},${i < 5 ? 'low' : 'high'}`);
  const csv = async (): Promise<string> => {
    const path = join(scratch.path, 'table.csv');
    await writeFile(path, `x,y,kind\n${rows.join('\n')}\n`);
    return path;
  };
  const common = { classes: 2, featureBits: 3, range: 'columns' as const, shuffleSeed: seed };

  test('CSV with held-out samples: shuffled, split, scaled by the training samples', async () => {
    const source = { format: 'csv' as const, path: await csv(), header: true, labelColumn: 'kind', classNames: ['low', 'high'] };
    const { train, test: held, ranges } = await importDataset({ ...common, source, heldOut: 3 });
    const order = Array.from(shuffledOrder(10, seed));
    const seen = order.slice(0, 7);
    expect(ranges[0]).toEqual([Math.min(...seen), Math.max(...seen)]);
    expect(Array.from(train.labels)).toEqual(seen.map((i) => (i < 5 ? 0 : 1)));
    expect(Array.from(held?.labels ?? [])).toEqual(order.slice(7).map((i) => (i < 5 ? 0 : 1)));
    const limited = await importDataset({ ...common, source, heldOut: 3, limit: 4 });
    expect(limited.train.count).toBe(4);
    expect(Array.from(limited.train.labels)).toEqual(Array.from(train.labels.subarray(0, 4)));
    expect(limited.test?.count).toBe(3);
    expect(await codeOf(() => importDataset({ ...common, source, heldOut: 3, test: source }))).toBe('DATA_SPLIT_INVALID');
    expect(await codeOf(() => importDataset({ ...common, source, limit: 0 }))).toBe('DATA_SPLIT_INVALID');
    expect(await codeOf(() => importDataset({ ...common, source, featureBits: 9 }))).toBe('DATA_INVALID');
  });

  test('.npy images with test files of their own', async () => {
    const path = (name: string): string => join(scratch.path, name);
    await writeFile(
      path('x.npy'),
      encodeNpy(
        Uint8Array.from({ length: 32 }, (_, i) => 8 * i),
        [2, 4, 4],
      ),
    );
    await writeFile(path('y.npy'), encodeNpy(BigInt64Array.of(1n, 0n), [2]));
    const source = { format: 'npy' as const, features: path('x.npy'), labels: path('y.npy') };
    const options = { ...common, range: [0, 256] as const, pool: { height: 4, width: 4, factor: 4 } };
    const { train, test: held } = await importDataset({ ...options, source, test: source });
    expect(held).toEqual({ count: 2, width: 1, classes: 2, featureBits: 3, features: Uint8Array.of(1, 5), labels: Uint8Array.of(1, 0) });
    expect(train.count).toBe(2);
    await writeFile(path('short.npy'), encodeNpy(Int32Array.of(1), [1]));
    expect(await codeOf(() => importDataset({ ...options, source: { ...source, labels: path('short.npy') } }))).toBe('DATA_INVALID');
    expect(await codeOf(() => importDataset({ ...options, source: { ...source, labels: path('none.npy') } }))).toBe('DATA_FILE_UNREADABLE');
  });
});

describe('loadMnist', () => {
  test('the real thing, as bytes and pooled', async () => {
    const { train, test: held } = await loadMnist({ pool: 1, fx: 8 });
    expect([train.count, train.width, held.count]).toEqual([60_000, 784, 10_000]);
    // The well-known class counts of both parts.
    const counts = (labels: Uint8Array): number[] =>
      Array.from({ length: 10 }, (_, c) => labels.reduce((sum, label) => sum + (label === c ? 1 : 0), 0));
    expect(counts(train.labels)).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    expect(counts(held.labels)).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    expect(Array.from(held.labels.subarray(0, 5))).toEqual([7, 2, 1, 0, 4]);
    const small = await loadMnist({ pool: 2, fx: 4, limit: 100 });
    expect([small.train.count, small.train.width, small.test.count]).toEqual([100, 196, 10_000]);
    const image = held.features.subarray(0, 784);
    for (let k = 0; k < 196; k++) {
      const at = Math.floor(k / 14) * 56 + (k % 14) * 2;
      const sum = [0, 1, 28, 29].reduce((s, offset) => s + (image[at + offset] as number), 0);
      expect(small.test.features[k]).toBe((sum >> 2) >> 4);
    }
    expect(small.train.labels).toEqual(train.labels.slice(0, 100));
  });
});
