import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { nodeRegistryAbi } from './generated/NodeRegistry.ts';

/** Withdraws the sender's hot key. Throws CHAIN_NOT_REGISTERED. */
export async function deregisterNode(chain: ChainWriter, deployment: Deployment): Promise<Sent> {
  const { sent } = await write(chain, nodeRegistryAbi, deployment.addresses.nodeRegistry, 'deregister', []);
  return sent;
}
