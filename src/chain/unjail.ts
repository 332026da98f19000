import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { stakeManagerAbi } from './generated/StakeManager.ts';

/**
 * Returns the sender, a jailed operator, after the jail's last block; it needs at least 1 ASSAY of active stake.
 *
 * @throws CHAIN_STILL_JAILED, CHAIN_NOT_JAILED, CHAIN_STAKE_TOO_SMALL
 */
export async function unjail(chain: ChainWriter, deployment: Deployment): Promise<Sent> {
  const { sent } = await write(chain, stakeManagerAbi, deployment.addresses.stakeManager, 'unjail', []);
  return sent;
}
