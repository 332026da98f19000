import type { Hex } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { challengeManagerAbi } from './generated/ChallengeManager.ts';

/** Block in which evidence was committed; 0 if it was not. */
export async function getCommittedBlock(chain: ChainReader, deployment: Deployment, commitment: Hex): Promise<bigint> {
  return await read(chain, challengeManagerAbi, deployment.addresses.challengeManager, 'committedBlock', [commitment]);
}
