import type { Address, Hex } from 'viem';
import type { ChainReader } from '../chain/connectChain.ts';
import { windowVerifierDeployedBytecode } from '../chain/generated/WindowVerifier.ts';
import { getCircuit } from '../chain/getCircuit.ts';
import { getDataset } from '../chain/getDataset.ts';
import { getGenesis } from '../chain/getGenesis.ts';
import { getJob, type Job } from '../chain/getJob.ts';
import { getLineage } from '../chain/getLineage.ts';
import { getSubmission } from '../chain/getSubmission.ts';
import { getSubmissionAt } from '../chain/getSubmissionAt.ts';
import { createKzg, type Kzg } from '../commitment/kzg.ts';
import type { MerkleTree } from '../commitment/merkle.ts';
import { loadPoseidon2, type Poseidon2 } from '../commitment/poseidon2.ts';
import type { MinibatchSet } from '../data/minibatchSet.ts';
import { AssayError } from '../errors.ts';
import type { WindowArtifacts } from '../proof/windowArtifacts.ts';
import { mergeContributions } from '../train/mergeContributions.ts';
import { type CommittedCheckpoint, commitWeights, findCircuit, openCheckpoint, openDataset } from './jobMaterial.ts';
import { blobIdFromBytes, type Role, type RoleSettings } from './openRole.ts';
import { type WindowStepsReturnType, windowSteps } from './windowSteps.ts';

/** A training job with everything that working on it, or judging work on it, needs. */
export type WindowJob = {
  readonly statementName: 'train-window';
  readonly jobId: bigint;
  readonly artifacts: WindowArtifacts;
  readonly circuitId: Hex;
  /** Who judges on chain: the contract that the circuit was registered with, whoever deployed it. Its code is in the circuit id. */
  readonly statementVerifier: Address;
  readonly kzg: Kzg;
  readonly p2: Poseidon2;
  readonly dataset: MinibatchSet;
  readonly tree: MerkleTree;
  /** The job as the chain has it now. */
  state(): Promise<Job>;
  /**
   * The checkpoint with this id, recommitted: the genesis, or what a window ends in, final or submitted. Windows that this node has not seen are trained again
   * from data and parent, so a lost file never stalls a job.
   */
  checkpoint(id: bigint): Promise<CommittedCheckpoint>;
  /** Trains a contribution to window `windowIndex` from `parent` with everything that its proof needs. */
  train(windowIndex: number, contributionIndex: number, parent: CommittedCheckpoint, batchSeed: bigint): WindowStepsReturnType;
  /** The first of its steps, counted over the whole job. */
  firstStep(windowIndex: number, contributionIndex: number): number;
  /** Every contribution to a window, trained again and committed, in order. */
  contributionsTo(windowIndex: number, parent: CommittedCheckpoint, batchSeed: bigint): Promise<CommittedCheckpoint[]>;
  /** Remembers a checkpoint that was committed here. */
  remember(checkpoint: CommittedCheckpoint): void;
  close(): Promise<void>;
};

/** Checkpoints kept in memory: the head, its parent, and a few behind. */
const kept = 8;

/**
 * Fetches and checks all of a job's material: circuit (rebuilt), data set (root), genesis (recommitted).
 *
 * @throws CHAIN_UNKNOWN_JOB, CIRCUIT_MISMATCH, DATASET_MISMATCH, CHECKPOINT_MISMATCH, TRAIN_WEIGHTS_TOO_LARGE, NET_ errors
 */
export async function openWindowJob(
  role: Pick<Role, 'deployment' | 'fetch'> & { readonly chain: ChainReader },
  settings: Pick<RoleSettings, 'ceremony' | 'circuitDirectory' | 'emit'>,
  jobId: bigint,
): Promise<WindowJob> {
  const { chain, deployment } = role;
  const job = await getJob(chain, deployment, jobId);
  const { statementVerifier } = await getCircuit(chain, deployment, job.circuitId);
  const record = await getDataset(chain, deployment, job.datasetId);
  settings.emit({ event: 'preparing', what: 'circuit' });
  const artifacts = await findCircuit({
    circuitId: job.circuitId,
    statementVerifierCode: windowVerifierDeployedBytecode,
    steps: job.steps,
    treeDepth: record.depth,
    modelId: job.modelId,
    ceremony: settings.ceremony,
    cacheDirectory: settings.circuitDirectory,
    onCompile: () => settings.emit({ event: 'preparing', what: 'compiling the circuit' }),
  });
  const p2 = await loadPoseidon2();
  settings.emit({ event: 'preparing', what: 'data set' });
  const { dataset, tree } = openDataset(p2, await role.fetch(blobIdFromBytes(record.cid)), { root: record.root, depth: record.depth });
  const kzg = await createKzg(artifacts.srs);
  try {
    const { instance } = artifacts;
    const genesis = await getGenesis(chain, deployment, job.modelId, job.genesisId);
    settings.emit({ event: 'preparing', what: 'genesis' });
    const known = new Map<bigint, CommittedCheckpoint>();
    const remember = (checkpoint: CommittedCheckpoint): void => {
      known.set(checkpoint.id, checkpoint);
      for (const id of known.keys()) {
        if (known.size <= kept) break;
        if (id !== job.genesisId) known.delete(id);
      }
    };
    remember(await openCheckpoint(kzg, artifacts, await role.fetch(blobIdFromBytes(genesis.cid)), job.genesisId));
    const firstStep = (windowIndex: number, contributionIndex: number): number =>
      (windowIndex * job.contributions + contributionIndex) * instance.steps;
    const train = (windowIndex: number, contributionIndex: number, parent: CommittedCheckpoint, batchSeed: bigint): WindowStepsReturnType =>
      windowSteps({
        p2,
        spec: instance.spec,
        sizes: instance.sizes,
        dataset,
        tree,
        batchSeed,
        firstStep: firstStep(windowIndex, contributionIndex),
        steps: instance.steps,
        parent: parent.weights,
      });
    const contributionsTo = async (windowIndex: number, parent: CommittedCheckpoint, batchSeed: bigint): Promise<CommittedCheckpoint[]> => {
      const made: CommittedCheckpoint[] = [];
      for (let c = 0; c < job.contributions; c++)
        made.push(await commitWeights(kzg, artifacts, train(windowIndex, c, parent, batchSeed).child));
      return made;
    };
    /** What each window leads to, in order: those that are final, then those that are submitted. */
    const path = async (): Promise<readonly { readonly windowIndex: number; readonly parentId: bigint; readonly resultId: bigint }[]> => {
      const { windows, merges } = await getLineage(chain, deployment, jobId);
      const done =
        job.contributions === 1
          ? windows.map((window) => ({ windowIndex: Number(window.windowIndex), parentId: window.parentId, resultId: window.childId }))
          : merges.map((one) => ({ windowIndex: Number(one.windowIndex), parentId: one.baseId, resultId: one.mergedId }));
      for (let parentId = done.at(-1)?.resultId ?? job.genesisId; ; ) {
        const submissionId = await getSubmissionAt(chain, deployment, jobId, BigInt(done.length));
        const submission = submissionId === undefined ? undefined : await getSubmission(chain, deployment, submissionId);
        // Eager windows are final once they are submitted: there is none beyond.
        if (submission === undefined) return done;
        done.push({ windowIndex: done.length, parentId, resultId: submission.resultId });
        parentId = submission.resultId;
      }
    };
    return {
      statementName: 'train-window',
      jobId,
      artifacts,
      circuitId: job.circuitId,
      statementVerifier,
      kzg,
      p2,
      dataset,
      tree,
      train,
      firstStep,
      contributionsTo,
      remember,
      state: () => getJob(chain, deployment, jobId),
      async checkpoint(id) {
        const found = known.get(id);
        if (found !== undefined) return found;
        const windows = await path();
        const { batchSeed } = await getJob(chain, deployment, jobId);
        const end = windows.findIndex((window) => window.resultId === id);
        if (end < 0) throw new AssayError('CHECKPOINT_UNKNOWN', `job ${jobId} has no checkpoint ${id}`);
        // From the latest checkpoint on the way that is still known.
        let start = end;
        while (start > 0 && !known.has((windows[start] as { parentId: bigint }).parentId)) start--;
        let current = known.get((windows[start] as { parentId: bigint }).parentId) as CommittedCheckpoint;
        for (const { windowIndex, resultId } of windows.slice(start, end + 1)) {
          const made = await contributionsTo(windowIndex, current, batchSeed);
          current =
            made.length === 1
              ? (made[0] as CommittedCheckpoint)
              : await commitWeights(
                  kzg,
                  artifacts,
                  mergeContributions(
                    current.weights,
                    made.map(({ weights }) => weights),
                  ),
                );
          if (current.id !== resultId) {
            throw new AssayError(
              'CHECKPOINT_MISMATCH',
              `training window ${windowIndex} of job ${jobId} again leads to another checkpoint than the chain has`,
            );
          }
          remember(current);
        }
        return current;
      },
      close: () => kzg.close(),
    };
  } catch (error) {
    await kzg.close();
    throw error;
  }
}
