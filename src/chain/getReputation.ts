import type { Address } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { reputationRegistryAbi } from './generated/ReputationRegistry.ts';

export type Reputation = {
  /** Fees burned for the operator's final units, in units of 1e-18 ASSAY, halved with time. */
  readonly score: bigint;
  /** In 1/10,000: 10,000 for a newcomer, below 15,000. A lease locks 15,000 / factor bonds. */
  readonly factor: bigint;
};

/** An operator's reputation now. */
export async function getReputation(chain: ChainReader, deployment: Deployment, operator: Address): Promise<Reputation> {
  const { reputationRegistry } = deployment.addresses;
  const [score, factor] = await Promise.all([
    read(chain, reputationRegistryAbi, reputationRegistry, 'scoreOf', [operator]),
    read(chain, reputationRegistryAbi, reputationRegistry, 'factorOf', [operator]),
  ]);
  return { score, factor };
}
