import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { windowManagerAbi } from './generated/WindowManager.ts';

export type Progress = {
  /** Windows submitted or final so far: the index of the one that is worked on. */
  readonly submitted: number;
  /** Windows final so far. */
  readonly finalized: number;
  /** Contributions to window `submitted` that are done. */
  readonly contributed: number;
  /** Its slots that are not done and of which a lease is held. */
  readonly pendingSlots: number;
  /** Counts rejections. */
  readonly epoch: number;
  /** Lapses in a row. */
  readonly lapseStreak: number;
  /** Block since which window `submitted` can be leased; 0: since the job is active. */
  readonly availableAt: bigint;
  /** Leases so far. */
  readonly leaseNonce: bigint;
  /** The checkpoint that the latest final window ended in, at first the genesis. */
  readonly finalId: bigint;
};

/**
 * How far a job is.
 *
 * @param blockNumber the state after this block. Default: the latest
 */
export async function getProgress(chain: ChainReader, deployment: Deployment, jobId: bigint, blockNumber?: bigint): Promise<Progress> {
  return await read(chain, windowManagerAbi, deployment.addresses.windowManager, 'progressOf', [jobId], blockNumber);
}
