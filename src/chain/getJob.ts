import { type Address, type Hex, keccak256, toHex, zeroAddress, zeroHash } from 'viem';
import { getBlockNumber } from 'viem/actions';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { jobManagerAbi } from './generated/JobManager.ts';
import { rewardDistributorAbi } from './generated/RewardDistributor.ts';
import { windowManagerAbi } from './generated/WindowManager.ts';
import { getProgress, type Progress } from './getProgress.ts';
import { toChainError } from './toChainError.ts';

/** In the order of IJobManager.JobState. */
const jobStates = ['none', 'open', 'active', 'paused', 'completed', 'cancelled'] as const;

/** In the order of IJobManager.JobTerms.mode. */
const jobModes = ['eager', 'optimistic'] as const;

const statementNames = ['train-window', 'inference'] as const;
const byType = new Map<Hex, JobStatement>(statementNames.map((name) => [keccak256(toHex(name)), name]));

/** What the windows of a job state: steps of training, or answers. */
export type JobStatement = (typeof statementNames)[number];

export type JobState = (typeof jobStates)[number];

/** eager: a window is proved in the transaction that submits it; optimistic: silence makes it final. */
export type JobMode = (typeof jobModes)[number];

export type Job = Progress & {
  readonly jobId: bigint;
  readonly state: JobState;
  readonly mode: JobMode;
  readonly statementName: JobStatement;
  readonly requester: Address;
  readonly circuitId: Hex;
  readonly modelId: Hex;
  /** Of the genesis' licence, which every checkpoint of the job inherits. */
  readonly licenceHash: Hex;
  /** 0 in an inference job, as is its root. */
  readonly datasetId: Hex;
  readonly datasetRoot: bigint;
  /** Who registered the dataset; undefined in an inference job. */
  readonly licensor: Address | undefined;
  /** The checkpoint that an inference job asks. */
  readonly genesisId: bigint;
  /** Checkpoint that the next window starts from, final or not; an inference job's does not move. */
  readonly headId: bigint;
  /** 0 until captured; an inference job has none. */
  readonly batchSeed: bigint;
  readonly openBlock: bigint;
  /** Block in which its first lease became possible; 0 before. */
  readonly activeBlock: bigint;
  /** Windows, or answers, that the job pays for. */
  readonly windows: number;
  /** Proofs from one parent a window. */
  readonly contributions: number;
  /** Units (contributions) that are not paid yet. */
  readonly unitsLeft: bigint;
  /** SGD steps of one window; 0 in an inference job. */
  readonly steps: number;
  readonly token: Address;
  /** Of one unit. */
  readonly price: bigint;
  /** In ASSAY, burned for every final unit. */
  readonly fee: bigint;
  /** Share of a burned fee that its units mint, in 1/10,000. */
  readonly emissionBps: number;
  /** What the job still holds of its token. */
  readonly escrow: bigint;
  readonly bond: bigint;
  readonly lapsePenalty: bigint;
  readonly maxLapses: number;
  readonly leaseBlocks: number;
  readonly freeReleaseBlocks: number;
  readonly priorityBlocks: number;
  readonly finalityBlocks: number;
  readonly answerBlocks: number;
  readonly evidenceBlocks: number;
  readonly validators: number;
  readonly validatorBps: number;
  readonly licensorBps: number;
  readonly treasuryBps: number;
  /** Undefined without one. */
  readonly treasury: Address | undefined;
  readonly open: boolean;
  /** The only operator that may lease; undefined for any. */
  readonly worker: Address | undefined;
  /** The circuit that has proved the checkpoint well-formed; undefined where none need have. */
  readonly wellFormedCircuit: Hex | undefined;
};

/** A job as the contracts have it after one block, the latest. Throws CHAIN_UNKNOWN_JOB. */
export async function getJob(chain: ChainReader, deployment: Deployment, jobId: bigint): Promise<Job> {
  const { jobManager, windowManager, rewardDistributor } = deployment.addresses;
  const at = await getBlockNumber(chain.client, { cacheTime: 0 }).catch((error: unknown) => {
    throw toChainError(error, chain.rpcUrl);
  });
  const { terms, state, statementType, licensor, ...rest } = await read(chain, jobManagerAbi, jobManager, 'jobOf', [jobId], at);
  const [progress, headId, escrow] = await Promise.all([
    getProgress(chain, deployment, jobId, at),
    read(chain, windowManagerAbi, windowManager, 'headOf', [jobId], at),
    read(chain, rewardDistributorAbi, rewardDistributor, 'escrowOf', [jobId, terms.token], at),
  ]);
  // A development node may answer the first call from the block that it is just making: what is completed has all its windows.
  if (jobStates[state] === 'completed' && progress.finalized !== terms.windows) return getJob(chain, deployment, jobId);
  return {
    jobId,
    ...terms,
    ...rest,
    ...progress,
    headId,
    escrow,
    state: jobStates[state] as JobState,
    mode: jobModes[terms.mode] as JobMode,
    // The contract opens jobs of these two only.
    statementName: byType.get(statementType) as JobStatement,
    licensor: licensor === zeroAddress ? undefined : licensor,
    treasury: terms.treasury === zeroAddress ? undefined : terms.treasury,
    worker: terms.worker === zeroAddress ? undefined : terms.worker,
    wellFormedCircuit: terms.wellFormedCircuit === zeroHash ? undefined : terms.wellFormedCircuit,
  };
}
