import { type Hex, parseEventLogs, toHex, zeroHash } from 'viem';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { windowManagerAbi } from './generated/WindowManager.ts';
import { judgingGas } from './verifyingGas.ts';

export type SettleParameters = {
  readonly submissionId: Hex;
  /** As submitted (the event WindowSubmitted). */
  readonly statement: readonly bigint[];
  /** The bytes behind the submitted hash. */
  readonly proof: Uint8Array;
  readonly opening: Uint8Array;
  /** The one of `commitEvidence`, by the same sender in an earlier block: who settles a false submission without it gets nothing. Default 0. */
  readonly salt?: Hex;
};

export type SettleReturnType = Sent & {
  /** The verifier's verdict. */
  readonly proved: boolean;
  /** Stake taken from the operator of a false submission. */
  readonly slashed: bigint;
};

/**
 * Lets the verifier decide a submission. True: it is proved, and final in its turn. False: its operator is slashed and what was built on it is
 * orphaned. Anyone.
 *
 * @throws CHAIN_STATEMENT_MISMATCH, CHAIN_PROOF_MISMATCH, CHAIN_WRONG_LEASE_STATE, CHAIN_INSUFFICIENT_GAS
 */
export async function settle(chain: ChainWriter, deployment: Deployment, parameters: SettleParameters): Promise<SettleReturnType> {
  const { submissionId, statement, proof, opening, salt = zeroHash } = parameters;
  const args = [submissionId, statement, toHex(proof), toHex(opening), salt] as const;
  const gas = judgingGas(proof.length + opening.length, statement.length);
  const { receipt, sent } = await write(chain, windowManagerAbi, deployment.addresses.windowManager, 'settle', args, { gas });
  const [rejected] = parseEventLogs({ abi: windowManagerAbi, eventName: 'WindowRejected', logs: receipt.logs });
  return { proved: rejected === undefined, slashed: rejected?.args.slashed ?? 0n, ...sent };
}
