import { type Hex, parseEventLogs, toHex } from 'viem';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { jobManagerAbi } from './generated/JobManager.ts';
import { windowManagerAbi } from './generated/WindowManager.ts';
import { verifyingGas } from './verifyingGas.ts';

export type SubmitAndSettleParameters = {
  /** Of the lease. */
  readonly submissionId: Hex;
  /** The statement's words that the worker finds: childId, maskId, lossSum of a window; maskId, then the output words of an answer. */
  readonly results: readonly bigint[];
  readonly proof: Uint8Array;
  readonly opening: Uint8Array;
};

export type SubmitAndSettleReturnType = Sent & {
  readonly submissionId: Hex;
  /** The worker's part of the price, in the job's token; undefined where earlier windows must become final first. */
  readonly reward: bigint | undefined;
};

/**
 * Submits and proves a leased window or answer in one transaction, in either mode. The lease's operator or its hot key. Simulated first, so a
 * proof that the chain would refuse costs no gas.
 *
 * @throws CHAIN_PROOF_REJECTED (exit code 3), CHAIN_NOT_LEASE_HOLDER, CHAIN_WRONG_LEASE_STATE, CHAIN_RESULT_COUNT
 */
export async function submitAndSettle(
  chain: ChainWriter,
  deployment: Deployment,
  parameters: SubmitAndSettleParameters,
): Promise<SubmitAndSettleReturnType> {
  const { submissionId, results, proof, opening } = parameters;
  const args = [submissionId, results, toHex(proof), toHex(opening)] as const;
  const gas = verifyingGas(proof.length + opening.length, results.length);
  const { receipt, sent } = await write(chain, windowManagerAbi, deployment.addresses.windowManager, 'submitAndSettle', args, { gas });
  const paid = parseEventLogs({ abi: jobManagerAbi, eventName: 'UnitPaid', logs: receipt.logs });
  return { submissionId, reward: paid.find(({ args }) => args.submissionId === submissionId)?.args.workerPart, ...sent };
}
