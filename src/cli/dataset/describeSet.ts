import type { Hex } from 'viem';
import { blobId } from '../../commitment/blobId.ts';
import type { MinibatchSet } from '../../data/minibatchSet.ts';
import { columns } from '../framework/output.ts';

/** What the command line says of a dataset blob. */
export type DatasetFacts = {
  readonly file: string;
  /** Address of the blob on the network. */
  readonly blob: string;
  /** Merkle root over the minibatches: what a job names. */
  readonly root: Hex;
  readonly features: number;
  readonly classes: number;
  readonly featureBits: number;
  readonly batch: number;
  readonly minibatches: number;
  readonly samples: number;
  readonly depth: number;
  readonly bytes: number;
};

/** The facts of a set; the tree is built anew, so the root is the data's own. */
export async function describeSet(file: string, bytes: Uint8Array, set: MinibatchSet): Promise<DatasetFacts> {
  const { loadPoseidon2 } = await import('../../commitment/poseidon2.ts');
  const { datasetTree } = await import('../../data/minibatchSet.ts');
  const { features, classes, featureBits, batch, depth, minibatches } = set;
  const root: Hex = `0x${datasetTree(await loadPoseidon2(), set)
    .root.toString(16)
    .padStart(64, '0')}`;
  const count = minibatches.length;
  return {
    file,
    blob: blobId(bytes),
    root,
    features,
    classes,
    featureBits,
    batch,
    minibatches: count,
    samples: count * batch,
    depth,
    bytes: bytes.length,
  };
}

export function renderFacts(facts: DatasetFacts): string {
  return columns([
    ['file', `${facts.file} (${facts.bytes} bytes)`],
    ['blob', facts.blob],
    ['root', facts.root],
    ['samples', `${facts.samples} of ${facts.features} features, ${facts.featureBits} bits each, ${facts.classes} classes`],
    ['minibatches', `${facts.minibatches} of ${facts.batch}, tree of depth ${facts.depth}`],
  ]);
}
