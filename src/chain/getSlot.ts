import { type Hex, zeroHash } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { windowManagerAbi } from './generated/WindowManager.ts';

export type Slot = {
  readonly windowIndex: number;
  /** Rejections in the job when it began. */
  readonly epoch: number;
  /** Submission id of the latest exclusive lease; undefined before the first. */
  readonly holder: Hex | undefined;
  /** Leases of it that are Held. */
  readonly held: number;
  /** Others may hold leases of it beside the holder. */
  readonly raced: boolean;
  /** Block of the lapse that made it raced; undefined without one. */
  readonly lapsedAt: bigint | undefined;
  /** Free releases so far; the third makes it raced. */
  readonly releases: number;
  /** Proved. */
  readonly done: boolean;
  readonly resultId: bigint;
};

/** The slot of a contribution to the window that a job works on. */
export async function getSlot(chain: ChainReader, deployment: Deployment, jobId: bigint, contributionIndex = 0n): Promise<Slot> {
  const found = await read(chain, windowManagerAbi, deployment.addresses.windowManager, 'slotOf', [jobId, contributionIndex]);
  return {
    ...found,
    holder: found.holder === zeroHash ? undefined : found.holder,
    lapsedAt: found.lapsedAt === 0n ? undefined : found.lapsedAt,
  };
}
