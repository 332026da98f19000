import type { Address } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { rewardDistributorAbi } from './generated/RewardDistributor.ts';

/** What a job still holds of a token. */
export async function getEscrow(chain: ChainReader, deployment: Deployment, jobId: bigint, token: Address): Promise<bigint> {
  return await read(chain, rewardDistributorAbi, deployment.addresses.rewardDistributor, 'escrowOf', [jobId, token]);
}
