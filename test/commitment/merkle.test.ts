import { beforeAll, describe, expect, test } from 'vitest';
import { batchIndex, buildTree, leafDigest, rootFromPath, tripleCount, tripleFeatures } from '../../src/commitment/merkle.ts';
import { pack } from '../../src/commitment/packing.ts';
import { loadPoseidon2, type Poseidon2 } from '../../src/commitment/poseidon2.ts';
import { codeOf } from '../utils/codeOf.ts';
import { fieldElements } from '../utils/random.ts';

let p2: Poseidon2;
beforeAll(async () => {
  p2 = await loadPoseidon2();
});

describe('leaf', () => {
  test('hashes packed features, packed labels and the salt with tag 1', () => {
    const features = Uint8Array.from({ length: 2 * 70 }, (_, i) => i % 16);
    const labels = Uint8Array.of(3, 255);
    // 70 features: 24 triples; the features 0 to 23, then 24 to 46, then 47 to 69.
    const triples = [0, 70].flatMap((s) =>
      Array.from({ length: 24 }, (_, t) => {
        const [first, second, third] = [t, 24 + t, 47 + t].map((i) => (s + i) % 16) as [number, number, number];
        return t < 23 ? first + 16 * second + 256 * third : first;
      }),
    );
    expect(leafDigest(p2, features, 4, labels, 9n)).toBe(p2.sponge(1, [...pack(triples, 12), 3n + 255n * 256n, 9n]));
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 784])('%i features: each stands in one place of the triples', (n) => {
    const placed = Array.from({ length: n }, (_, i) =>
      tripleFeatures(
        Array.from({ length: n }, (__, j) => (i === j ? 1 : 0)),
        4,
        1,
      ),
    );
    const places = placed.map((triples) => {
      expect(triples).toHaveLength(tripleCount(n));
      expect(triples.filter((x) => x !== 0)).toHaveLength(1);
      const t = triples.findIndex((x) => x !== 0);
      return [1, 16, 256].indexOf(triples[t] as number) * 1000 + t;
    });
    expect(places).not.toContain(-1);
    expect(new Set(places).size).toBe(n);
  });

  test('refuses a feature that would run into its neighbour', async () => {
    expect(await codeOf(() => leafDigest(p2, [1, 16, 3, 4], 4, [1], 0n))).toBe('COMMITMENT_PACK_RANGE');
    leafDigest(p2, [1, 15, 3, 4], 4, [1], 0n);
  });

  test('changes with each feature, label and the salt', () => {
    const features = [1, 2, 3, 4];
    const digests = [
      leafDigest(p2, features, 4, [1], 0n),
      leafDigest(p2, [1, 2, 3, 5], 4, [1], 0n),
      leafDigest(p2, features, 4, [2], 0n),
      leafDigest(p2, features, 4, [1], 1n),
    ];
    expect(new Set(digests).size).toBe(4);
  });
});

describe('tree', () => {
  const leaves = fieldElements('leaves', 5);

  test('repeats its leaves to 2^depth and every path leads to its root', () => {
    const tree = buildTree(p2, leaves, 3);
    const node = (a: bigint, b: bigint): bigint => p2.sponge(2, [a, b]);
    const at = (i: number): bigint => leaves[i % 5] as bigint;
    expect(tree.root).toBe(node(node(node(at(0), at(1)), node(at(2), at(3))), node(node(at(4), at(5)), node(at(6), at(7)))));
    for (let i = 0; i < 8; i++) {
      expect(tree.path(i)).toHaveLength(3);
      expect(rootFromPath(p2, at(i), i, tree.path(i))).toBe(tree.root);
      expect(rootFromPath(p2, at(i) + 1n, i, tree.path(i))).not.toBe(tree.root);
      expect(rootFromPath(p2, at(i), i ^ 1, tree.path(i))).not.toBe(tree.root);
    }
  });

  test('of depth 0 is its leaf', () => {
    const tree = buildTree(p2, [7n], 0);
    expect(tree.root).toBe(7n);
    expect(tree.path(0)).toEqual([]);
  });

  test('refuses leaves that do not fit and indices outside', () => {
    expect(() => buildTree(p2, leaves, 2)).toThrow(expect.objectContaining({ code: 'COMMITMENT_TREE_SIZE' }));
    expect(() => buildTree(p2, [], 2)).toThrow(expect.objectContaining({ code: 'COMMITMENT_TREE_SIZE' }));
    const tree = buildTree(p2, leaves, 3);
    expect(() => tree.path(8)).toThrow(expect.objectContaining({ code: 'COMMITMENT_TREE_INDEX' }));
    expect(() => rootFromPath(p2, 1n, 8, tree.path(0))).toThrow(expect.objectContaining({ code: 'COMMITMENT_TREE_INDEX' }));
  });

  test('a leaf digest is never a node digest of the same elements', () => {
    expect(p2.sponge(1, [1n, 2n])).not.toBe(p2.sponge(2, [1n, 2n]));
  });
});

test('a batch index is the low bits of the canonical hash', () => {
  for (let t = 0; t < 20; t++) {
    const hash = p2.sponge(5, [42n, BigInt(t)]);
    expect(batchIndex(p2, 42n, t, 12)).toBe(Number(hash % 4096n));
    expect(batchIndex(p2, 42n, t, 0)).toBe(0);
  }
});
