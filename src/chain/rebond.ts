import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { stakeManagerAbi } from './generated/StakeManager.ts';

/** Takes `amount` of what is unbonding back into the sender's active stake. */
export async function rebond(chain: ChainWriter, deployment: Deployment, amount: bigint): Promise<Sent> {
  const { sent } = await write(chain, stakeManagerAbi, deployment.addresses.stakeManager, 'rebond', [amount]);
  return sent;
}
