import type { Address } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { challengeManagerAbi } from './generated/ChallengeManager.ts';

/** Native coin, in wei, that the account can withdraw from the ChallengeManager. */
export async function getOwed(chain: ChainReader, deployment: Deployment, account: Address): Promise<bigint> {
  return await read(chain, challengeManagerAbi, deployment.addresses.challengeManager, 'owedTo', [account]);
}
