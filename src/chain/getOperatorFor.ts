import type { Address } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { nodeRegistryAbi } from './generated/NodeRegistry.ts';

/** The operator for whom an account may act now: itself if registered, else whose hot key it is. Throws CHAIN_NOT_REGISTERED. */
export async function getOperatorFor(chain: ChainReader, deployment: Deployment, account: Address): Promise<Address> {
  return await read(chain, nodeRegistryAbi, deployment.addresses.nodeRegistry, 'operatorFor', [account]);
}
