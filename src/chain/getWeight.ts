import type { Address } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { validatorManagerAbi } from './generated/ValidatorManager.ts';

/** An operator's weight in the draw of seats; 0 if it is not enrolled, or jailed. */
export async function getWeight(chain: ChainReader, deployment: Deployment, operator: Address): Promise<bigint> {
  return await read(chain, validatorManagerAbi, deployment.addresses.validatorManager, 'weightOf', [operator]);
}
