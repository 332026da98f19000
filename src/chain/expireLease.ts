import type { Hex } from 'viem';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { windowManagerAbi } from './generated/WindowManager.ts';

/** Ends a lease after its deadline: its penalty burns and the window is raced. Anyone. Throws CHAIN_LEASE_NOT_EXPIRED, CHAIN_WRONG_LEASE_STATE. */
export async function expireLease(chain: ChainWriter, deployment: Deployment, submissionId: Hex): Promise<Sent> {
  const { sent } = await write(chain, windowManagerAbi, deployment.addresses.windowManager, 'expire', [submissionId]);
  return sent;
}
