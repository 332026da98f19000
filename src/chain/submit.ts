import type { Hex } from 'viem';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { eventFrom } from './eventFrom.ts';
import { windowManagerAbi } from './generated/WindowManager.ts';

export type SubmitParameters = {
  /** Of the lease. */
  readonly submissionId: Hex;
  /** The statement's words that the worker finds: childId, maskId, lossSum of a window; maskId, then the output words of an answer. */
  readonly results: readonly bigint[];
  /**
   * `statementHash(name, statement)` of the statement that was proved. Where the chain asks for another one, as after a reorganisation, the
   * submission is refused: a true proof of another question would be a fault.
   */
  readonly statementHash: Hex;
  /** `proofHash(proof, opening)`: of the bytes that the worker must be able to post. */
  readonly proofHash: Hex;
};

/**
 * Submits a leased window of an optimistic job without its proof. The lease's operator or its hot key.
 *
 * @returns the statement, as `settle` takes it
 * @throws CHAIN_WRONG_MODE, CHAIN_NOT_LEASE_HOLDER, CHAIN_WRONG_LEASE_STATE, CHAIN_RESULT_COUNT, CHAIN_STATEMENT_MISMATCH, CHAIN_STAKE_TOO_SMALL
 */
export async function submit(
  chain: ChainWriter,
  deployment: Deployment,
  parameters: SubmitParameters,
): Promise<Sent & { statement: readonly bigint[] }> {
  const { submissionId, results, statementHash, proofHash } = parameters;
  const args = [submissionId, results, statementHash, proofHash] as const;
  const { receipt, sent } = await write(chain, windowManagerAbi, deployment.addresses.windowManager, 'submit', args);
  return { statement: eventFrom(receipt, windowManagerAbi, 'WindowSubmitted').statement, ...sent };
}
