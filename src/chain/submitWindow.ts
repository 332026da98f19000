import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { type SubmitResultsReturnType, submitResults } from './submitResults.ts';

export type SubmitWindowParameters = {
  readonly jobId: bigint;
  readonly windowIndex: bigint;
  readonly childId: bigint;
  readonly maskId: bigint;
  readonly lossSum: bigint;
  readonly proof: Uint8Array;
  readonly opening: Uint8Array;
};

/**
 * Proves the leased window and earns its price, in one transaction. Simulated first, so a proof that the chain would refuse costs no gas.
 *
 * @throws CHAIN_PROOF_REJECTED (exit code 3), CHAIN_NOT_LEASE_HOLDER, CHAIN_LEASE_OVER, CHAIN_WRONG_WINDOW
 */
export function submitWindow(
  chain: ChainWriter,
  deployment: Deployment,
  { childId, maskId, lossSum, ...rest }: SubmitWindowParameters,
): Promise<SubmitResultsReturnType> {
  return submitResults(chain, deployment, { ...rest, results: [childId, maskId, lossSum] });
}
