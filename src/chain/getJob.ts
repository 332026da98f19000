import { type Address, type Hex, keccak256, toHex, zeroAddress, zeroHash } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { jobManagerAbi } from './generated/JobManager.ts';

/** In the order of IJobManager.JobState. */
const jobStates = ['none', 'open', 'active', 'paused', 'completed', 'cancelled'] as const;

const statementNames = ['train-window', 'inference'] as const;
const byType = new Map<Hex, JobStatement>(statementNames.map((name) => [keccak256(toHex(name)), name]));

/** What the windows of a job state: steps of training, or answers. */
export type JobStatement = (typeof statementNames)[number];

export type JobState = (typeof jobStates)[number];

export type Job = {
  readonly jobId: bigint;
  readonly state: JobState;
  readonly statementName: JobStatement;
  readonly requester: Address;
  readonly circuitId: Hex;
  readonly modelId: Hex;
  /** 0 in an inference job, as is its root. */
  readonly datasetId: Hex;
  readonly datasetRoot: bigint;
  /** The checkpoint that an inference job asks. */
  readonly genesisId: bigint;
  /** Checkpoint that the next window starts from; an inference job's does not move. */
  readonly headId: bigint;
  /** 0 until captured; an inference job has none. */
  readonly batchSeed: bigint;
  readonly openBlock: bigint;
  /** Windows, or answers, that the job pays for. */
  readonly windows: number;
  /** Windows proved so far; the index of the next one. */
  readonly finalized: number;
  /** SGD steps of one window; 0 in an inference job. */
  readonly steps: number;
  readonly token: Address;
  readonly price: bigint;
  /** What the job still holds of its token. */
  readonly escrow: bigint;
  readonly bond: bigint;
  readonly lapsePenalty: bigint;
  readonly leaseBlocks: number;
  readonly freeReleaseBlocks: number;
  readonly evidenceBlocks: number;
  readonly open: boolean;
  /** The only operator that may lease; undefined for any. */
  readonly worker: Address | undefined;
  /** The circuit that has proved the checkpoint well-formed; undefined where none need have. */
  readonly wellFormedCircuit: Hex | undefined;
  /** Submission id of the latest lease, whatever became of it; undefined before the first. */
  readonly leaseId: Hex | undefined;
};

/** A job as the contract has it now. Throws CHAIN_UNKNOWN_JOB. */
export async function getJob(chain: ChainReader, deployment: Deployment, jobId: bigint): Promise<Job> {
  const stored = await read(chain, jobManagerAbi, deployment.addresses.jobManager, 'jobOf', [jobId]);
  const { mode: _eager, ...terms } = stored.terms;
  const { terms: _terms, state, statementType, leaseId, leaseNonce, ...rest } = stored;
  return {
    jobId,
    ...terms,
    ...rest,
    state: jobStates[state] as JobState,
    // The contract opens jobs of these two only.
    statementName: byType.get(statementType) as JobStatement,
    worker: terms.worker === zeroAddress ? undefined : terms.worker,
    wellFormedCircuit: terms.wellFormedCircuit === zeroHash ? undefined : terms.wellFormedCircuit,
    leaseId: leaseNonce === 0n ? undefined : leaseId,
  };
}
