import type { Address, Hex } from 'viem';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { eventFrom } from './eventFrom.ts';
import { challengeManagerAbi } from './generated/ChallengeManager.ts';

/**
 * Slashes the operator of a submission whose proof was demanded and not posted in time; the challenger is the finder, and gets its bond back. Anyone.
 *
 * @throws CHAIN_NO_DEMAND, CHAIN_DEMAND_NOT_OVERDUE
 */
export async function slashWithheld(
  chain: ChainWriter,
  deployment: Deployment,
  submissionId: Hex,
): Promise<Sent & { operator: Address; slashed: bigint }> {
  const { receipt, sent } = await write(chain, challengeManagerAbi, deployment.addresses.challengeManager, 'slashWithheld', [submissionId]);
  const { operator, slashed } = eventFrom(receipt, challengeManagerAbi, 'OperatorSlashed');
  return { operator, slashed, ...sent };
}
