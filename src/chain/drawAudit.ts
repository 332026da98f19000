import type { Hex } from 'viem';
import { type Sent, write } from './call.ts';
import { chunksOf } from './chunksOf.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { eventFrom } from './eventFrom.ts';
import { auditRegistryAbi } from './generated/AuditRegistry.ts';

export type DrawAuditReturnType = Sent & {
  readonly seed: Hex;
  /** In order. */
  readonly chunks: readonly number[];
};

/** Blocks between an audit and the one whose hash draws its chunks (AuditRegistry.DRAW_DELAY). */
export const drawDelay = 8n;

/**
 * Fixes the chunks of a draw by the hash of block `openedAt + 8`. Anyone may, in the 256 blocks after it.
 *
 * @throws CHAIN_DRAW_TOO_EARLY, CHAIN_DRAW_TOO_LATE, CHAIN_NOTHING_TO_DRAW, CHAIN_UNKNOWN_AUDIT
 */
export async function drawAudit(chain: ChainWriter, deployment: Deployment, auditId: Hex): Promise<DrawAuditReturnType> {
  const { receipt, sent } = await write(chain, auditRegistryAbi, deployment.addresses.auditRegistry, 'draw', [auditId]);
  const { seed, wanted } = eventFrom(receipt, auditRegistryAbi, 'AuditDrawn');
  return { seed, chunks: chunksOf(wanted), ...sent };
}
