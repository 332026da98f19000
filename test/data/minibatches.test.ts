import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { R } from '../../src/commitment/field.ts';
import { leafDigest, rootFromPath } from '../../src/commitment/merkle.ts';
import { loadPoseidon2, type Poseidon2 } from '../../src/commitment/poseidon2.ts';
import { decodeDatasetBlob, encodeDatasetBlob } from '../../src/data/datasetBlob.ts';
import { assertMinibatchSet, cutMinibatches, datasetTree, minibatchAt } from '../../src/data/minibatchSet.ts';
import { codeOf } from '../utils/codeOf.ts';

const dataset = {
  count: 7,
  width: 3,
  classes: 4,
  featureBits: 4,
  features: Uint8Array.from({ length: 21 }, (_, i) => (5 * i) % 16),
  labels: Uint8Array.of(0, 1, 2, 3, 0, 1, 2),
};
let p2: Poseidon2;
beforeAll(async () => {
  p2 = await loadPoseidon2();
});

describe('cutMinibatches', () => {
  test('cuts in order, drops the rest, fills the tree by repeating', () => {
    const set = cutMinibatches(p2, dataset, { batch: 2, salt: (i) => BigInt(i + 1) });
    expect(set.minibatches.length).toBe(3);
    expect(set.depth).toBe(2);
    set.minibatches.forEach((minibatch, i) => {
      expect(minibatch.features).toEqual(dataset.features.slice(6 * i, 6 * i + 6));
      expect(minibatch.labels).toEqual(dataset.labels.slice(2 * i, 2 * i + 2));
      expect(set.leaves[i]).toBe(leafDigest(p2, minibatch.features, 4, minibatch.labels, BigInt(i + 1)));
    });
    const tree = datasetTree(p2, set);
    for (let index = 0; index < 4; index++) {
      expect(rootFromPath(p2, set.leaves[index % 3] as bigint, index, tree.path(index))).toBe(tree.root);
    }
    expect(minibatchAt(p2, set, 3)).toBe(set.minibatches[0]);
  });

  test('refuses what it cannot cut', async () => {
    expect(await codeOf(() => cutMinibatches(p2, dataset, { batch: 4 }))).toBe(undefined);
    expect(await codeOf(() => cutMinibatches(p2, dataset, { batch: 8 }))).toBe('DATA_SET_INVALID');
    expect(await codeOf(() => cutMinibatches(p2, dataset, { batch: 3 }))).toBe('DATA_SET_INVALID');
    expect(await codeOf(() => cutMinibatches(p2, dataset, { batch: 2, depth: 1 }))).toBe('DATA_SET_INVALID');
    expect(await codeOf(() => cutMinibatches(p2, { ...dataset, classes: 3 }, { batch: 2 }))).toBe('DATA_INVALID');
    expect(await codeOf(() => cutMinibatches(p2, { ...dataset, featureBits: 3 }, { batch: 2 }))).toBe('DATA_INVALID');
  });
});

describe('dataset blob', () => {
  test('round trip, and a changed sample no longer matches its leaf', async () => {
    const set = cutMinibatches(p2, dataset, { batch: 2, depth: 4, salt: () => R - 1n });
    const blob = encodeDatasetBlob(set);
    expect(decodeDatasetBlob(blob)).toEqual(set);
    expect(encodeDatasetBlob(decodeDatasetBlob(blob))).toEqual(blob);
    const changed = blob.slice();
    changed[32] = (changed[32] as number) ^ 1;
    const other = decodeDatasetBlob(changed);
    expect(await codeOf(() => minibatchAt(p2, other, 0))).toBe('DATA_LEAF_MISMATCH');
    expect(await codeOf(() => minibatchAt(p2, other, 1))).toBe(undefined);
    const changedLeaf = blob.slice();
    changedLeaf[blob.length - 1] = (changedLeaf[blob.length - 1] as number) ^ 1;
    expect(datasetTree(p2, decodeDatasetBlob(changedLeaf)).root).not.toBe(datasetTree(p2, set).root);
  });

  test('every truncation, longer blobs, wrong headers and values out of range have one code', async () => {
    const set = cutMinibatches(p2, dataset, { batch: 2 });
    const blob = encodeDatasetBlob(set);
    for (let length = 0; length < blob.length; length++) {
      expect(await codeOf(() => decodeDatasetBlob(blob.subarray(0, length)))).toBe('DATA_BLOB_MALFORMED');
    }
    expect(await codeOf(() => decodeDatasetBlob(Uint8Array.of(...blob, 0)))).toBe('DATA_BLOB_MALFORMED');
    const edited = (at: number, ...bytes: number[]): Uint8Array => {
      const copy = blob.slice();
      copy.set(bytes, at);
      return copy;
    };
    const all = new Array(32).fill(255);
    const bad = [
      edited(0, 0x61),
      edited(8, 0),
      edited(8, 9),
      edited(16, 0),
      edited(24, 255, 255, 255, 255),
      edited(28, 1),
      edited(28, 99),
      edited(32, 16),
      edited(32 + 6, 4),
      edited(32 + 8, ...all),
      edited(blob.length - 32, ...all),
    ];
    for (const bytes of bad) expect(await codeOf(() => decodeDatasetBlob(bytes))).toBe('DATA_BLOB_MALFORMED');
    const empty = blob.slice(0, 32);
    empty[24] = 0;
    expect(await codeOf(() => decodeDatasetBlob(empty))).toBe('DATA_BLOB_MALFORMED');
  });

  test('any one byte changed gives a set that encodes to the same bytes, or the one code', async () => {
    const blob = encodeDatasetBlob(cutMinibatches(p2, dataset, { batch: 2 }));
    let decoded = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(blob.length - 1), fc.nat(255), async (at, value) => {
        const bytes = blob.slice();
        bytes[at] = value;
        const code = await codeOf(() => {
          expect(encodeDatasetBlob(decodeDatasetBlob(bytes))).toEqual(bytes);
          decoded++;
        });
        expect([undefined, 'DATA_BLOB_MALFORMED']).toContain(code);
      }),
      { numRuns: 2000, seed: 7 },
    );
    expect(decoded).toBeGreaterThan(100);
  });

  test('the encoder refuses what the decoder would', async () => {
    const set = cutMinibatches(p2, dataset, { batch: 2 });
    expect(await codeOf(() => assertMinibatchSet({ ...set, leaves: set.leaves.slice(1) }))).toBe('DATA_SET_INVALID');
    expect(await codeOf(() => encodeDatasetBlob({ ...set, minibatches: [], leaves: [] }))).toBe('DATA_SET_INVALID');
    expect(await codeOf(() => encodeDatasetBlob({ ...set, leaves: set.leaves.map(() => R) }))).toBe('DATA_SET_INVALID');
    expect(await codeOf(() => encodeDatasetBlob({ ...set, minibatches: set.minibatches.map((m) => ({ ...m, salt: -1n })) }))).toBe(
      'DATA_SET_INVALID',
    );
  });
});
