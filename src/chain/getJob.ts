import type { Address, Hex } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { jobManagerAbi } from './generated/JobManager.ts';

/** In the order of IJobManager.JobState. */
const jobStates = ['none', 'open', 'active', 'paused', 'completed', 'cancelled'] as const;

export type JobState = (typeof jobStates)[number];

export type Job = {
  readonly jobId: bigint;
  readonly state: JobState;
  readonly requester: Address;
  readonly circuitId: Hex;
  readonly modelId: Hex;
  readonly datasetId: Hex;
  readonly datasetRoot: bigint;
  readonly genesisId: bigint;
  /** Checkpoint that the next window starts from. */
  readonly headId: bigint;
  /** 0 until captured. */
  readonly batchSeed: bigint;
  readonly openBlock: bigint;
  readonly windows: number;
  /** Windows proved so far; the index of the next one. */
  readonly finalized: number;
  /** SGD steps of one window. */
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
  /** Submission id of the latest lease, whatever became of it; undefined before the first. */
  readonly leaseId: Hex | undefined;
};

/** A job as the contract has it now. Throws CHAIN_UNKNOWN_JOB. */
export async function getJob(chain: ChainReader, deployment: Deployment, jobId: bigint): Promise<Job> {
  const stored = await read(chain, jobManagerAbi, deployment.addresses.jobManager, 'jobOf', [jobId]);
  const { mode: _eager, ...terms } = stored.terms;
  const { terms: _terms, state, leaseId, leaseNonce, ...rest } = stored;
  return { jobId, ...terms, ...rest, state: jobStates[state] as JobState, leaseId: leaseNonce === 0n ? undefined : leaseId };
}
