import type { Address, Hex } from 'viem';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { eventFrom } from './eventFrom.ts';
import { challengeManagerAbi } from './generated/ChallengeManager.ts';

/**
 * Takes what a slash by evidence could not take, since the operator's bonds held it then, as far as it is free now (`getDebt`). It is divided as the slash
 * would have been. Anyone.
 *
 * @param submissionId under whose name the fault was
 * @throws CHAIN_NOTHING_TO_COLLECT
 */
export async function collectDebt(
  chain: ChainWriter,
  deployment: Deployment,
  operator: Address,
  submissionId: Hex,
): Promise<Sent & { collected: bigint }> {
  const args = [operator, submissionId] as const;
  const { receipt, sent } = await write(chain, challengeManagerAbi, deployment.addresses.challengeManager, 'collectDebt', args);
  const { collected } = eventFrom(receipt, challengeManagerAbi, 'DebtCollected');
  return { collected, ...sent };
}
