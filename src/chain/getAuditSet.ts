import type { AuditSetFields } from '../commitment/ids.ts';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { auditRegistryAbi } from './generated/AuditRegistry.ts';

/** A set that somebody has registered; undefined where nobody has. */
export async function getAuditSet(chain: ChainReader, deployment: Deployment, setId: bigint): Promise<AuditSetFields | undefined> {
  const found = await read(chain, auditRegistryAbi, deployment.addresses.auditRegistry, 'auditSet', [setId]);
  return found.chunks === 0 ? undefined : found;
}
