import type { Address, Hex } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { challengeManagerAbi } from './generated/ChallengeManager.ts';

/** Whether the operator has been slashed for the submission. */
export async function isSlashed(chain: ChainReader, deployment: Deployment, operator: Address, submissionId: Hex): Promise<boolean> {
  return await read(chain, challengeManagerAbi, deployment.addresses.challengeManager, 'isSlashed', [operator, submissionId]);
}
