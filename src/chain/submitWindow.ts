import { type Hex, toHex } from 'viem';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { eventFrom } from './eventFrom.ts';
import { jobManagerAbi } from './generated/JobManager.ts';
import { verifyingGas } from './verifyingGas.ts';

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
export async function submitWindow(
  chain: ChainWriter,
  deployment: Deployment,
  parameters: SubmitWindowParameters,
): Promise<Sent & { submissionId: Hex; reward: bigint }> {
  const { jobId, windowIndex, childId, maskId, lossSum, proof, opening } = parameters;
  const args = [jobId, windowIndex, childId, maskId, lossSum, toHex(proof), toHex(opening)] as const;
  const gas = verifyingGas(proof.length + opening.length);
  const { receipt, sent } = await write(chain, jobManagerAbi, deployment.addresses.jobManager, 'submit', args, gas);
  const { submissionId, reward } = eventFrom(receipt, jobManagerAbi, 'WindowFinalized');
  return { submissionId, reward, ...sent };
}
