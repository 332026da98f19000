import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { stakeManagerAbi } from './generated/StakeManager.ts';

/** Blocks until unbonded stake can leave; a slashed operator is jailed for a quarter of them. */
export async function getUnbondingBlocks(chain: ChainReader, deployment: Deployment): Promise<bigint> {
  return await read(chain, stakeManagerAbi, deployment.addresses.stakeManager, 'unbondingBlocks', []);
}
