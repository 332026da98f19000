import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { type SubmitResultsReturnType, submitResults } from './submitResults.ts';

export type SubmitAnswerParameters = {
  readonly jobId: bigint;
  readonly windowIndex: bigint;
  readonly maskId: bigint;
  /** The statement's output words. */
  readonly outputs: readonly bigint[];
  readonly proof: Uint8Array;
  readonly opening: Uint8Array;
};

/**
 * Proves the answer to the leased input and earns its price, in one transaction.
 *
 * @throws CHAIN_PROOF_REJECTED (exit code 3), CHAIN_NOT_LEASE_HOLDER, CHAIN_LEASE_OVER, CHAIN_WRONG_WINDOW
 */
export function submitAnswer(
  chain: ChainWriter,
  deployment: Deployment,
  { maskId, outputs, ...rest }: SubmitAnswerParameters,
): Promise<SubmitResultsReturnType> {
  return submitResults(chain, deployment, { ...rest, results: [maskId, ...outputs] });
}
