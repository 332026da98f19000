import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { eventFrom } from './eventFrom.ts';
import { challengeManagerAbi } from './generated/ChallengeManager.ts';

/** Pays out the native coin that is owed to the sender: bonds of demands that it won or got back, and what it sent above them. Throws CHAIN_NOTHING_TO_WITHDRAW. */
export async function withdrawOwed(chain: ChainWriter, deployment: Deployment): Promise<Sent & { amount: bigint }> {
  const { receipt, sent } = await write(chain, challengeManagerAbi, deployment.addresses.challengeManager, 'withdraw', []);
  return { amount: eventFrom(receipt, challengeManagerAbi, 'Withdrawn').amount, ...sent };
}
