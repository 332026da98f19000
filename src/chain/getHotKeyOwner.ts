import { type Address, zeroAddress } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { nodeRegistryAbi } from './generated/NodeRegistry.ts';

/** The operator whose hot key this is or ever was; undefined if none. */
export async function getHotKeyOwner(chain: ChainReader, deployment: Deployment, hotKey: Address): Promise<Address | undefined> {
  const owner = await read(chain, nodeRegistryAbi, deployment.addresses.nodeRegistry, 'ownerOf', [hotKey]);
  return owner === zeroAddress ? undefined : owner;
}
