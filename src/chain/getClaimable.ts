import type { Address } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { rewardDistributorAbi } from './generated/RewardDistributor.ts';

/** What an account may claim of a token. Default token: the deployment's. */
export async function getClaimable(chain: ChainReader, deployment: Deployment, account: Address, token?: Address): Promise<bigint> {
  const { rewardDistributor, token: stakeToken } = deployment.addresses;
  return await read(chain, rewardDistributorAbi, rewardDistributor, 'claimable', [token ?? stakeToken, account]);
}
