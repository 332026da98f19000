import { AssayError } from '../errors.ts';
import { pack } from './packing.ts';
import { type Poseidon2, spongeTags } from './poseidon2.ts';

/** A Poseidon2 Merkle tree of 2^depth leaves. */
export type MerkleTree = {
  readonly depth: number;
  readonly root: bigint;
  /** Siblings of leaf `index` (0 <= index < 2^depth), from the leaf up: `depth` elements. */
  path(index: number): bigint[];
};

/** Deepest tree that is built: 2^24 minibatches. */
export const maxDepth = 24;

/** T, the triples of a sample of n features: the first T features, then T - 1, then as many as are left. */
export function tripleCount(features: number): number {
  return Math.floor((features + 4) / 3);
}

/**
 * The triples of a minibatch, sample by sample: triple t holds the features t, T + t and 2T - 1 + t, fx bits each, the first in the lowest bits.
 *
 * @throws COMMITMENT_PACK_RANGE for a feature that is not an integer in [0, 2^fx)
 */
export function tripleFeatures(features: ArrayLike<number>, fx: number, samples: number): number[] {
  const n = features.length / samples;
  const count = tripleCount(n);
  const at = (s: number, i: number): number => {
    const value = features[s * n + i] as number;
    // It would run into its neighbour in the triple.
    if (!Number.isSafeInteger(value) || value < 0 || value >= 2 ** fx)
      throw new AssayError('COMMITMENT_PACK_RANGE', `feature ${i} of sample ${s} is ${value}, which does not fit ${fx} bits`);
    return value;
  };
  return Array.from({ length: samples * count }, (_, k) => {
    const [s, t] = [Math.floor(k / count), k % count];
    const second = t < count - 1 && count + t < n ? at(s, count + t) : 0;
    const third = 2 * count - 1 + t < n ? at(s, 2 * count - 1 + t) : 0;
    return at(s, t) + 2 ** fx * second + 4 ** fx * third;
  });
}

/**
 * Digest of one minibatch: `H(1; pack(triples of the features, 3 fx), pack(labels, 8), salt)`.
 *
 * @param features B x n0 integers in [0, 2^fx), sample by sample
 * @param labels B integers in [0, 256)
 * @param salt 0 where the data is public, else a secret random field element
 */
export function leafDigest(p2: Poseidon2, features: ArrayLike<number>, fx: number, labels: ArrayLike<number>, salt: bigint): bigint {
  return p2.sponge(spongeTags.leaf, [...pack(tripleFeatures(features, fx, labels.length), 3 * fx), ...pack(labels, 8), salt]);
}

/**
 * Digest of one record: `H(10; pack(triples of its features, 3 fx), label, salt)`.
 *
 * @param features n0 integers in [0, 2^fx)
 * @param label an integer in [0, 256)
 * @param salt 0 where the record is public, else a secret random field element
 * @throws COMMITMENT_PACK_RANGE
 */
export function recordDigest(p2: Poseidon2, features: ArrayLike<number>, fx: number, label: number, salt: bigint): bigint {
  return p2.sponge(spongeTags.record, [...pack(tripleFeatures(features, fx, 1), 3 * fx), ...pack([label], 8), salt]);
}

/**
 * Builds the tree whose leaf i is `leaves[i mod leaves.length]`.
 *
 * @throws COMMITMENT_TREE_SIZE unless 1 <= leaves.length <= 2^depth and 0 <= depth <= 24
 */
export function buildTree(p2: Poseidon2, leaves: readonly bigint[], depth: number): MerkleTree {
  if (!Number.isSafeInteger(depth) || depth < 0 || depth > maxDepth || leaves.length < 1 || leaves.length > 2 ** depth) {
    throw new AssayError('COMMITMENT_TREE_SIZE', `${leaves.length} leaves do not make a tree of depth ${depth}`);
  }
  const levels: bigint[][] = [Array.from({ length: 2 ** depth }, (_, i) => leaves[i % leaves.length] as bigint)];
  for (let level = 0; level < depth; level++) {
    const below = levels[level] as bigint[];
    const above: bigint[] = [];
    for (let i = 0; i < below.length; i += 2) {
      above.push(p2.sponge(spongeTags.node, [below[i] as bigint, below[i + 1] as bigint]));
    }
    levels.push(above);
  }
  return {
    depth,
    root: (levels[depth] as bigint[])[0] as bigint,
    path(index) {
      assertIndex(index, depth);
      return Array.from({ length: depth }, (_, level) => (levels[level] as bigint[])[Math.floor(index / 2 ** level) ^ 1] as bigint);
    },
  };
}

/** Root that `leaf` at `index` and its siblings, from the leaf up, lead to; compare it with the root you trust. */
export function rootFromPath(p2: Poseidon2, leaf: bigint, index: number, path: readonly bigint[]): bigint {
  assertIndex(index, path.length);
  return path.reduce((node, sibling, level) => {
    const right = Math.floor(index / 2 ** level) % 2 === 1;
    return p2.sponge(spongeTags.node, right ? [sibling, node] : [node, sibling]);
  }, leaf);
}

/** Index of the leaf that global step `t` trains on: the low `depth` bits of `H(5; batchSeed, t)`. */
export function batchIndex(p2: Poseidon2, batchSeed: bigint, t: number, depth: number): number {
  return Number(BigInt.asUintN(depth, p2.sponge(spongeTags.batchIndex, [batchSeed, BigInt(t)])));
}

function assertIndex(index: number, depth: number): void {
  if (!Number.isSafeInteger(index) || index < 0 || index >= 2 ** depth) {
    throw new AssayError('COMMITMENT_TREE_INDEX', `a tree of depth ${depth} has no leaf ${index}`);
  }
}
