import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { validatorManagerAbi } from './generated/ValidatorManager.ts';

/** The weight of all enrolled operators. */
export async function getTotalWeight(chain: ChainReader, deployment: Deployment): Promise<bigint> {
  return await read(chain, validatorManagerAbi, deployment.addresses.validatorManager, 'totalWeight', []);
}
