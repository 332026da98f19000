import { type Address, type Hex, zeroAddress } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { nodeRegistryAbi } from './generated/NodeRegistry.ts';

export type NodeRecord = {
  readonly operator: Address;
  /** Undefined while not registered. */
  readonly hotKey: Address | undefined;
  readonly registrationNonce: bigint;
  /** keccak256 of the libp2p peer id's bytes. */
  readonly peerIdHash: Hex;
};

/** An operator's registration. */
export async function getNode(chain: ChainReader, deployment: Deployment, operator: Address): Promise<NodeRecord> {
  const node = await read(chain, nodeRegistryAbi, deployment.addresses.nodeRegistry, 'node', [operator]);
  const { hotKey, registrationNonce, peerIdHash } = node;
  return { operator, hotKey: hotKey === zeroAddress ? undefined : hotKey, registrationNonce, peerIdHash };
}
