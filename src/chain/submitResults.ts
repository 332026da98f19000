import { type Hex, toHex } from 'viem';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { eventFrom } from './eventFrom.ts';
import { jobManagerAbi } from './generated/JobManager.ts';
import { verifyingGas } from './verifyingGas.ts';

export type SubmitResultsParameters = {
  readonly jobId: bigint;
  readonly windowIndex: bigint;
  /** The statement's words that the worker finds: `submitWindow` and `submitAnswer` say which. */
  readonly results: readonly bigint[];
  readonly proof: Uint8Array;
  readonly opening: Uint8Array;
};

export type SubmitResultsReturnType = Sent & { readonly submissionId: Hex; readonly reward: bigint };

/** Proves the leased window of a job of any kind. Simulated first, so a proof that the chain would refuse costs no gas. */
export async function submitResults(
  chain: ChainWriter,
  deployment: Deployment,
  parameters: SubmitResultsParameters,
): Promise<SubmitResultsReturnType> {
  const { jobId, windowIndex, results, proof, opening } = parameters;
  const args = [jobId, windowIndex, results, toHex(proof), toHex(opening)] as const;
  const gas = verifyingGas(proof.length + opening.length, results.length);
  const { receipt, sent } = await write(chain, jobManagerAbi, deployment.addresses.jobManager, 'submit', args, gas);
  const { submissionId, reward } = eventFrom(receipt, jobManagerAbi, 'WindowFinalized');
  return { submissionId, reward, ...sent };
}
