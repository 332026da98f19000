import type { Address } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { rewardDistributorAbi } from './generated/RewardDistributor.ts';

/** Escrowed and claimable amounts of a token, over all jobs and accounts. */
export async function getLiabilities(
  chain: ChainReader,
  deployment: Deployment,
  token: Address,
): Promise<{ readonly escrowed: bigint; readonly owed: bigint }> {
  const [escrowed, owed] = await read(chain, rewardDistributorAbi, deployment.addresses.rewardDistributor, 'liabilities', [token]);
  return { escrowed, owed };
}
