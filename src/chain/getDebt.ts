import type { Address, Hex } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { challengeManagerAbi } from './generated/ChallengeManager.ts';

export type DebtRecord = {
  /** Who gets the finder's part. */
  readonly finder: Address;
  /** In units of the stake token. */
  readonly amount: bigint;
};

/** What an operator still owes for its fault under a submission id; undefined where it owes nothing. */
export async function getDebt(
  chain: ChainReader,
  deployment: Deployment,
  operator: Address,
  submissionId: Hex,
): Promise<DebtRecord | undefined> {
  const debt = await read(chain, challengeManagerAbi, deployment.addresses.challengeManager, 'debtOf', [operator, submissionId]);
  return debt.amount === 0n ? undefined : debt;
}
