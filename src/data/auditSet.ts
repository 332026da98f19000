import { auditSetId } from '../commitment/ids.ts';
import { buildTree, leafDigest, type MerkleTree } from '../commitment/merkle.ts';
import type { Poseidon2 } from '../commitment/poseidon2.ts';
import { AssayError } from '../errors.ts';
import { assertDataset, type Dataset } from './dataset.ts';
import type { Minibatch } from './minibatch.ts';

/** A committed audit set: samples in chunks, a label byte telling group and class (docs/reference/encodings.md, "Audit set"). */
export type AuditSet = {
  readonly featureBits: number;
  /** Features of a sample. */
  readonly features: number;
  readonly classes: number;
  /** Groups that samples are told apart by; 1 where there are none. */
  readonly groups: number;
  /** Samples of a chunk. */
  readonly samples: number;
  /** Labels are `group * classes + class`, or `groups * classes` for a sample that only fills the last chunk. */
  readonly chunks: readonly Minibatch[];
  readonly leaves: readonly bigint[];
  readonly tree: MerkleTree;
  readonly id: bigint;
};

export type CutAuditSetOptions = {
  /** Samples of a chunk: those of the circuit. */
  readonly samples: number;
  /** Depth of the tree: that of the circuit. */
  readonly depth: number;
  /** Group of each sample, and how many there are. */
  readonly groups?: { readonly count: number; readonly of: ArrayLike<number> };
  /** Salt of chunk `index` where the set is private: a random field element each, kept by the owner. */
  readonly salt?: (index: number) => bigint;
};

/** Most labels of a set: a byte holds one, and one value more for none. */
const maxLabels = 255;

/**
 * Cuts samples, in their order, into the chunks of an audit set; the last one is filled up with samples that count for nothing.
 *
 * @throws DATA_SET_INVALID for more labels or chunks than a set has, or a group that is none; DATA_INVALID
 */
export function cutAuditSet(p2: Poseidon2, dataset: Dataset, options: CutAuditSetOptions): AuditSet {
  assertDataset(dataset);
  const { samples, depth, groups, salt } = options;
  const { count, width, classes, featureBits } = dataset;
  const groupCount = groups?.count ?? 1;
  const labels = groupCount * classes;
  const fail = (what: string): never => {
    throw new AssayError('DATA_SET_INVALID', `audit set: ${what}`);
  };
  if (!Number.isSafeInteger(groupCount) || groupCount < 1 || labels > maxLabels) fail(`${groupCount} groups of ${classes} classes`);
  if (groups !== undefined && groups.of.length !== count) fail(`${groups.of.length} groups for ${count} samples`);
  if (!Number.isSafeInteger(samples) || samples < 1) fail(`chunks of ${samples} samples`);
  const chunkCount = Math.ceil(count / samples);
  if (chunkCount < 1 || !(depth >= 1 && depth <= 8) || chunkCount > 2 ** depth)
    fail(`a tree of depth ${depth} does not hold ${chunkCount} chunks of ${samples} samples`);
  const labelOf = (i: number): number => {
    if (i >= count) return labels;
    const group = groups?.of[i] ?? 0;
    if (!Number.isSafeInteger(group) || group < 0 || group >= groupCount) fail(`sample ${i} is of group ${group}`);
    return group * classes + (dataset.labels[i] as number);
  };
  const chunks = Array.from({ length: chunkCount }, (_, index) => {
    const features = new Uint8Array(samples * width);
    features.set(dataset.features.subarray(index * samples * width, Math.min(count, (index + 1) * samples) * width));
    return {
      features,
      labels: Uint8Array.from({ length: samples }, (__, s) => labelOf(index * samples + s)),
      salt: salt?.(index) ?? 0n,
    };
  });
  return commitAuditSet(p2, { featureBits, features: width, classes, groups: groupCount, samples, chunks }, depth);
}

/** Commits chunks as they are: leaves, tree and id. */
export function commitAuditSet(p2: Poseidon2, content: Omit<AuditSet, 'leaves' | 'tree' | 'id'>, depth: number): AuditSet {
  const { featureBits, classes, groups, samples, chunks } = content;
  const leaves = chunks.map((chunk) => leafDigest(p2, chunk.features, featureBits, chunk.labels, chunk.salt));
  const tree = buildTree(p2, leaves, depth);
  return { ...content, leaves, tree, id: auditSetId({ root: tree.root, depth, chunks: chunks.length, samples, classes, groups }) };
}
