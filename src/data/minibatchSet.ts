import { R } from '../commitment/field.ts';
import { buildTree, leafDigest, type MerkleTree, maxDepth } from '../commitment/merkle.ts';
import type { Poseidon2 } from '../commitment/poseidon2.ts';
import { AssayError } from '../errors.ts';
import { assertDataset, type Dataset } from './dataset.ts';
import type { Minibatch } from './minibatch.ts';

/** A data set cut into the minibatches that a job trains on, with the leaf of each. */
export type MinibatchSet = {
  readonly featureBits: number;
  /** Features of a sample. */
  readonly features: number;
  readonly classes: number;
  /** Samples of a minibatch. */
  readonly batch: number;
  /** Depth of the tree: 2^depth leaves, filled by repeating the minibatches. */
  readonly depth: number;
  readonly minibatches: readonly Minibatch[];
  /** Leaf digest of each minibatch. */
  readonly leaves: readonly bigint[];
};

export type CutOptions = {
  /** B, a power of two. */
  readonly batch: number;
  /** Depth of the tree; by default the least that holds every minibatch. */
  readonly depth?: number;
  /** Salt of minibatch `index` where the data is private: a random field element each, kept by the owner. */
  readonly salt?: (index: number) => bigint;
};

/**
 * Throws unless the parts agree and every value is in its range. Leaves are not recomputed: see `assertLeaf`.
 *
 * @throws DATA_SET_INVALID
 */
export function assertMinibatchSet(set: MinibatchSet): void {
  const fail = (what: string): never => {
    throw new AssayError('DATA_SET_INVALID', `minibatch set: ${what}`);
  };
  const { batch, depth, minibatches, leaves } = set;
  if (!Number.isSafeInteger(batch) || batch < 1 || batch > 1024 || (batch & (batch - 1)) !== 0)
    fail(`a minibatch of ${batch} is not a power of two up to 1024`);
  if (minibatches.length === 0) fail('it is empty');
  if (!Number.isSafeInteger(depth) || depth < 0 || depth > maxDepth || 2 ** depth < minibatches.length) {
    fail(`a tree of depth ${depth} does not hold ${minibatches.length} minibatches`);
  }
  if (leaves.length !== minibatches.length) fail(`${leaves.length} leaves for ${minibatches.length} minibatches`);
  for (const leaf of leaves) if (leaf < 0n || leaf >= R) fail('a leaf is not a field element');
  for (const { features, labels, salt } of minibatches) {
    if (salt < 0n || salt >= R) fail('a salt is not a field element');
    assertDataset({ count: batch, width: set.features, classes: set.classes, featureBits: set.featureBits, features, labels });
  }
}

/**
 * Cuts a data set, in its order, into minibatches of B; a rest smaller than B is dropped.
 *
 * @throws DATA_SET_INVALID, DATA_INVALID
 */
export function cutMinibatches(p2: Poseidon2, dataset: Dataset, options: CutOptions): MinibatchSet {
  assertDataset(dataset);
  const { batch, salt } = options;
  const { width } = dataset;
  const count = Math.floor(dataset.count / batch);
  if (count < 1) throw new AssayError('DATA_SET_INVALID', `${dataset.count} samples do not fill one minibatch of ${batch}`);
  const minibatches = Array.from({ length: count }, (_, index) => ({
    features: dataset.features.slice(index * batch * width, (index + 1) * batch * width),
    labels: dataset.labels.slice(index * batch, (index + 1) * batch),
    salt: salt?.(index) ?? 0n,
  }));
  const leaves = minibatches.map((minibatch) => leafDigest(p2, minibatch.features, dataset.featureBits, minibatch.labels, minibatch.salt));
  const depth = options.depth ?? Math.ceil(Math.log2(count));
  const set = { featureBits: dataset.featureBits, features: width, classes: dataset.classes, batch, depth, minibatches, leaves };
  assertMinibatchSet(set);
  return set;
}

/** The Merkle tree of a set; its root is what a job names. */
export function datasetTree(p2: Poseidon2, set: MinibatchSet): MerkleTree {
  return buildTree(p2, set.leaves, set.depth);
}

/**
 * The minibatch that leaf `index` of the tree stands for, checked against its leaf digest.
 *
 * @throws DATA_LEAF_MISMATCH
 */
export function minibatchAt(p2: Poseidon2, set: MinibatchSet, index: number): Minibatch {
  const i = index % set.minibatches.length;
  const minibatch = set.minibatches[i] as Minibatch;
  if (leafDigest(p2, minibatch.features, set.featureBits, minibatch.labels, minibatch.salt) !== set.leaves[i]) {
    throw new AssayError('DATA_LEAF_MISMATCH', `minibatch ${i} is not the one that its leaf commits to`, {
      hint: 'Fetch the dataset blob again from another peer.',
    });
  }
  return minibatch;
}
