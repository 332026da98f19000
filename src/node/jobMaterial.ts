import type { Hex } from 'viem';
import type { BlobId } from '../commitment/blobId.ts';
import { checkpointId, modelId, specId } from '../commitment/ids.ts';
import type { Kzg, Point } from '../commitment/kzg.ts';
import type { MerkleTree } from '../commitment/merkle.ts';
import { buildTree } from '../commitment/merkle.ts';
import type { Poseidon2 } from '../commitment/poseidon2.ts';
import { decodeDatasetBlob } from '../data/datasetBlob.ts';
import type { MinibatchSet } from '../data/minibatchSet.ts';
import { AssayError, exitCodes } from '../errors.ts';
import { decodeCheckpoint } from '../model/checkpoint.ts';
import { ceremonySrsId } from '../proof/ceremony.ts';
import { circuitIdOf } from '../proof/circuitIdOf.ts';
import { listWindowCircuits, type WindowInstance } from '../proof/circuitInstance.ts';
import { type BuildWindowArtifactsParameters, buildWindowArtifacts, type WindowArtifacts } from '../proof/windowArtifacts.ts';
import { assertWindowStart } from '../train/trainWindow.ts';

/** A checkpoint whose commitment was recomputed here. */
export type CommittedCheckpoint = { readonly weights: readonly Int32Array[]; readonly points: readonly Point[]; readonly id: bigint };

export type FindCircuitParameters = Pick<BuildWindowArtifactsParameters, 'ceremony' | 'cacheDirectory' | 'onCompile'> & {
  /** The circuit id that the job names. */
  readonly circuitId: Hex;
  /** Runtime code of the window verifier that this package builds on. */
  readonly statementVerifierCode: Hex;
  /** Narrow the search: steps a window and depth of the data set's tree. */
  readonly steps: number;
  readonly treeDepth: number;
  /** The model that the job trains. */
  readonly modelId: Hex;
};

/**
 * Rebuilds key and verifier code of the circuit that a job names, from this package's own sources: a worker proves nothing for a circuit that it
 * cannot rebuild.
 *
 * @throws CIRCUIT_MISMATCH (exit code 6) where no instance of this package has that id
 */
export async function findCircuit(parameters: FindCircuitParameters): Promise<WindowArtifacts> {
  const candidates = (await listWindowCircuits()).filter((c) => c.steps === parameters.steps && c.treeDepth === parameters.treeDepth);
  const tried: string[] = [];
  for (const instance of await ofModel(candidates, parameters)) {
    const artifacts = await buildWindowArtifacts({ ...parameters, instance });
    if (
      modelId(artifacts.shape) === parameters.modelId &&
      circuitIdOf(artifacts, parameters.statementVerifierCode) === parameters.circuitId
    )
      return artifacts;
    tried.push(instance.name);
  }
  throw new AssayError('CIRCUIT_MISMATCH', `no circuit of this package has the id ${parameters.circuitId}`, {
    exitCode: exitCodes.artifactMismatch,
    ...(tried.length > 0 ? { details: `rebuilt and compared: ${tried.join(', ')}` } : {}),
    hint: 'The job was opened with another version of the package, another circuit or another ceremony. Install that version, or take another job.',
  });
}

/** Building a circuit takes long, so only those of the job's model are built. */
async function ofModel(candidates: readonly WindowInstance[], parameters: FindCircuitParameters): Promise<WindowInstance[]> {
  const srsId = await ceremonySrsId(parameters.ceremony);
  return candidates.filter((c) => modelId({ specId: specId(c.spec), srsId, blockLog: c.blockLog, sizes: c.sizes }) === parameters.modelId);
}

/** A data set as fetched, with its tree; every leaf that is used is checked again. @throws DATASET_MISMATCH */
export function openDataset(
  p2: Poseidon2,
  bytes: Uint8Array,
  expected: { root: bigint; depth: number },
): { dataset: MinibatchSet; tree: MerkleTree } {
  const dataset = decodeDatasetBlob(bytes);
  const tree = buildTree(p2, dataset.leaves, expected.depth);
  if (dataset.depth !== expected.depth || tree.root !== expected.root) {
    throw new AssayError('DATASET_MISMATCH', 'the data set that was fetched is not the one that the job names', {
      exitCode: exitCodes.proofInvalid,
    });
  }
  return { dataset, tree };
}

/**
 * Reads a checkpoint blob and recommits it: the commitment must be `id`, and every weight within wmax.
 *
 * @throws CHECKPOINT_MISMATCH, TRAIN_WEIGHTS_TOO_LARGE, MODEL_CHECKPOINT_MALFORMED
 */
export async function openCheckpoint(kzg: Kzg, artifacts: WindowArtifacts, bytes: Uint8Array, id: bigint): Promise<CommittedCheckpoint> {
  const { weights, sizes, modelId: named } = decodeCheckpoint(bytes);
  const { instance } = artifacts;
  if (named !== modelId(artifacts.shape) || sizes.join() !== instance.sizes.join()) {
    throw new AssayError('CHECKPOINT_MISMATCH', 'the checkpoint is of another model', { exitCode: exitCodes.proofInvalid });
  }
  const committed = await commitWeights(kzg, artifacts, weights);
  if (committed.id !== id) {
    throw new AssayError('CHECKPOINT_MISMATCH', 'the checkpoint that was fetched is not the committed one', {
      exitCode: exitCodes.proofInvalid,
    });
  }
  assertWindowStart(instance.spec, weights);
  return committed;
}

/** Commits open weights. */
export async function commitWeights(kzg: Kzg, artifacts: WindowArtifacts, weights: readonly Int32Array[]): Promise<CommittedCheckpoint> {
  const { sizes, blockLog } = artifacts.instance;
  const points = await kzg.commitCheckpoint(sizes, blockLog, weights);
  return { weights, points, id: checkpointId(modelId(artifacts.shape), points) };
}

/** Fetches a blob by its address, from this node's store first. */
export type FetchBlob = (id: BlobId) => Promise<Uint8Array>;
