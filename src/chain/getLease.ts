import type { Address, Hex } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { windowManagerAbi } from './generated/WindowManager.ts';

/** In the order of IWindowManager.LeaseState. */
const leaseStates = ['none', 'held', 'lapsed', 'submitted', 'finalized', 'rejected', 'orphaned', 'released', 'revoked'] as const;

export type LeaseState = (typeof leaseStates)[number];

export type LeaseRecord = {
  readonly submissionId: Hex;
  readonly state: LeaseState;
  readonly operator: Address;
  readonly jobId: bigint;
  readonly windowIndex: bigint;
  readonly contributionIndex: bigint;
  readonly leaseNonce: bigint;
  readonly registrationNonce: bigint;
  readonly start: bigint;
  /** Last block before anyone may expire it. */
  readonly deadline: bigint;
  /** Block in which it was over; undefined while it is held, lapsed or submitted. */
  readonly ended: bigint | undefined;
  /** Rejections in the job when it was taken: another one since has undone the window under it. */
  readonly epoch: number;
  /** Others may hold the same window. */
  readonly raced: boolean;
  /** Stake that it locks now. */
  readonly locked: bigint;
  /** Stake that a lapse burns. */
  readonly penalty: bigint;
};

/** The lease of a submission id; undefined where there never was one. */
export async function getLease(chain: ChainReader, deployment: Deployment, submissionId: Hex): Promise<LeaseRecord | undefined> {
  const found = await read(chain, windowManagerAbi, deployment.addresses.windowManager, 'leaseOf', [submissionId]);
  const state = leaseStates[found.state] as LeaseState;
  if (state === 'none') return undefined;
  return {
    ...found,
    submissionId,
    state,
    windowIndex: BigInt(found.windowIndex),
    contributionIndex: BigInt(found.contributionIndex),
    ended: found.ended === 0n ? undefined : found.ended,
  };
}
