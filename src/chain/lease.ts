import type { Address, Hex } from 'viem';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { eventFrom } from './eventFrom.ts';
import { jobManagerAbi } from './generated/JobManager.ts';

export type LeaseReturnType = Sent & {
  readonly submissionId: Hex;
  readonly operator: Address;
  readonly windowIndex: bigint;
  readonly leaseNonce: bigint;
  readonly registrationNonce: bigint;
  /** Last block before anyone may expire the lease. */
  readonly deadline: bigint;
};

/**
 * Leases a job's next window for the operator whose hot key (or self) the sender is.
 *
 * @param expectedId what the worker has fetched and checked: the head checkpoint of a training job, the next input of an inference job
 * @throws CHAIN_PARENT_MOVED, CHAIN_INPUT_MISSING, CHAIN_INPUT_MOVED, CHAIN_NOT_THE_WORKER, CHAIN_LEASE_HELD, CHAIN_NOT_REGISTERED, CHAIN_STAKE_TOO_SMALL, CHAIN_WRONG_JOB_STATE
 */
export async function lease(chain: ChainWriter, deployment: Deployment, jobId: bigint, expectedId: bigint): Promise<LeaseReturnType> {
  const { receipt, sent } = await write(chain, jobManagerAbi, deployment.addresses.jobManager, 'lease', [jobId, expectedId]);
  const { submissionId, operator, windowIndex, leaseNonce, registrationNonce, deadline } = eventFrom(receipt, jobManagerAbi, 'LeaseTaken');
  return { submissionId, operator, windowIndex, leaseNonce, registrationNonce, deadline, ...sent };
}
