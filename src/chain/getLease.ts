import type { Address, Hex } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { jobManagerAbi } from './generated/JobManager.ts';

/** In the order of IJobManager.LeaseState. */
const leaseStates = ['none', 'held', 'lapsed', 'finalized', 'released', 'revoked'] as const;

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
  readonly deadline: bigint;
  /** Block in which it was over; undefined while a proof for it can still count. */
  readonly ended: bigint | undefined;
};

/** The lease of a submission id; undefined where there never was one. */
export async function getLease(chain: ChainReader, deployment: Deployment, submissionId: Hex): Promise<LeaseRecord | undefined> {
  const found = await read(chain, jobManagerAbi, deployment.addresses.jobManager, 'leaseOf', [submissionId]);
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
