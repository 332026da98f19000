import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { eventFrom } from './eventFrom.ts';
import { stakeManagerAbi } from './generated/StakeManager.ts';

/** Pays out what has finished unbonding. Throws CHAIN_STILL_UNBONDING. */
export async function withdrawStake(chain: ChainWriter, deployment: Deployment): Promise<Sent & { amount: bigint }> {
  const { receipt, sent } = await write(chain, stakeManagerAbi, deployment.addresses.stakeManager, 'withdraw', []);
  return { amount: eventFrom(receipt, stakeManagerAbi, 'Withdrawn').amount, ...sent };
}
