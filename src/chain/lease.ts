import type { Address, Hex } from 'viem';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { eventFrom } from './eventFrom.ts';
import { windowManagerAbi } from './generated/WindowManager.ts';

export type LeaseReturnType = Sent & {
  readonly submissionId: Hex;
  readonly operator: Address;
  readonly windowIndex: bigint;
  readonly contributionIndex: bigint;
  readonly leaseNonce: bigint;
  readonly registrationNonce: bigint;
  /** Last block before anyone may expire the lease. */
  readonly deadline: bigint;
  /** Others may hold the same window: the first valid proof wins. */
  readonly raced: boolean;
};

/**
 * Leases a contribution to a job's next window for the operator whose hot key (or self) the sender is, and locks its bond.
 *
 * @param contributionIndex 0 in a job of one contribution a window
 * @param expectedId what the worker has fetched and checked: the head checkpoint of a training job, the next input of an inference job
 * @throws CHAIN_START_MOVED, CHAIN_INPUT_MISSING, CHAIN_NOT_THE_WORKER, CHAIN_LEASE_HELD, CHAIN_PRIORITY_WAIT, CHAIN_WINDOW_DONE,
 * CHAIN_TOO_MANY_UNFINALIZED, CHAIN_JAILED, CHAIN_NOT_REGISTERED, CHAIN_STAKE_TOO_SMALL, CHAIN_WRONG_JOB_STATE
 */
export async function lease(
  chain: ChainWriter,
  deployment: Deployment,
  jobId: bigint,
  contributionIndex: bigint,
  expectedId: bigint,
): Promise<LeaseReturnType> {
  const args = [jobId, contributionIndex, expectedId] as const;
  const { receipt, sent } = await write(chain, windowManagerAbi, deployment.addresses.windowManager, 'lease', args);
  const { jobId: _jobId, startId: _startId, ...taken } = eventFrom(receipt, windowManagerAbi, 'LeaseTaken');
  return { ...taken, ...sent };
}
