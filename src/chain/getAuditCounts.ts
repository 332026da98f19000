import type { Hex } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { auditRegistryAbi } from './generated/AuditRegistry.ts';

/** Samples by label, answer and bin of margin over the chunks proved so far: entry `((group * classes + class) * classes + answer) * bins + bin`. Throws CHAIN_UNKNOWN_AUDIT. */
export async function getAuditCounts(chain: ChainReader, deployment: Deployment, auditId: Hex): Promise<readonly number[]> {
  return (await read(chain, auditRegistryAbi, deployment.addresses.auditRegistry, 'countsOf', [auditId])).map(Number);
}
