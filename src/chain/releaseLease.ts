import type { Hex } from 'viem';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { windowManagerAbi } from './generated/WindowManager.ts';

/**
 * Gives a lease back: an exclusive one, by its holder, free of charge in its first blocks; a raced or void one at any time, and by anyone after its deadline.
 *
 * @throws CHAIN_RELEASE_TOO_LATE, CHAIN_NOT_LEASE_HOLDER, CHAIN_WRONG_LEASE_STATE
 */
export async function releaseLease(chain: ChainWriter, deployment: Deployment, submissionId: Hex): Promise<Sent> {
  const { sent } = await write(chain, windowManagerAbi, deployment.addresses.windowManager, 'release', [submissionId]);
  return sent;
}
