import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { stakeManagerAbi } from './generated/StakeManager.ts';

/** All stake, active and unbonding. */
export async function getTotalStake(chain: ChainReader, deployment: Deployment): Promise<bigint> {
  return await read(chain, stakeManagerAbi, deployment.addresses.stakeManager, 'totalStake', []);
}
