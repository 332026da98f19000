import type { Address, Hex } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { challengeManagerAbi } from './generated/ChallengeManager.ts';

export type Demand = {
  readonly challenger: Address;
  /** Wei. */
  readonly bond: bigint;
  /** Last block in which posting the proof counts. */
  readonly deadline: bigint;
  readonly open: boolean;
};

/** The demand for a submission's proof; undefined where nobody made one. */
export async function getDemand(chain: ChainReader, deployment: Deployment, submissionId: Hex): Promise<Demand | undefined> {
  const found = await read(chain, challengeManagerAbi, deployment.addresses.challengeManager, 'demandOf', [submissionId]);
  return found.deadline === 0n ? undefined : found;
}
