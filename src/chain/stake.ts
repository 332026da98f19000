import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { ensureAllowance } from './ensureAllowance.ts';
import { stakeManagerAbi } from './generated/StakeManager.ts';

/** Adds to the sender's stake (approving it first where needed). */
export async function stake(chain: ChainWriter, deployment: Deployment, amount: bigint): Promise<Sent> {
  const { token, stakeManager } = deployment.addresses;
  await ensureAllowance(chain, token, stakeManager, amount);
  const { sent } = await write(chain, stakeManagerAbi, stakeManager, 'stake', [amount]);
  return sent;
}
