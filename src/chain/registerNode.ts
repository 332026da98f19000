import { type Hex, keccak256, type LocalAccount, toHex } from 'viem';
import { read, type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { eventFrom } from './eventFrom.ts';
import { nodeRegistryAbi } from './generated/NodeRegistry.ts';

const hotKeyTypes = {
  HotKey: [
    { name: 'operator', type: 'address' },
    { name: 'hotKey', type: 'address' },
    { name: 'peerIdHash', type: 'bytes32' },
    { name: 'registrationNonce', type: 'uint256' },
  ],
} as const;

export type RegisterNodeParameters = {
  /** Signs that it serves the operator. The sender is the operator. */
  readonly hotKey: LocalAccount;
  /** The libp2p peer id's bytes. */
  readonly peerId: Uint8Array;
};

/** Registers the sender as an operator, or changes its hot key or peer id. Throws CHAIN_HOT_KEY_TAKEN, CHAIN_SENDER_IS_HOT_KEY. */
export async function registerNode(
  chain: ChainWriter,
  deployment: Deployment,
  parameters: RegisterNodeParameters,
): Promise<Sent & { registrationNonce: bigint }> {
  const { nodeRegistry } = deployment.addresses;
  const { hotKey, peerId } = parameters;
  const operator = chain.account.address;
  const { registrationNonce: last } = await read(chain, nodeRegistryAbi, nodeRegistry, 'node', [operator]);
  const peerIdBytes: Hex = toHex(peerId);
  const signature = await hotKey.signTypedData({
    domain: { name: 'Assay', version: '1', chainId: chain.chainId, verifyingContract: nodeRegistry },
    types: hotKeyTypes,
    primaryType: 'HotKey',
    message: { operator, hotKey: hotKey.address, peerIdHash: keccak256(peerIdBytes), registrationNonce: last + 1n },
  });
  const args = [hotKey.address, peerIdBytes, signature] as const;
  const { receipt, sent } = await write(chain, nodeRegistryAbi, nodeRegistry, 'register', args);
  return { registrationNonce: eventFrom(receipt, nodeRegistryAbi, 'NodeRegistered').registrationNonce, ...sent };
}
