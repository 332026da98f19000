import type { Hex } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { auditRegistryAbi } from './generated/AuditRegistry.ts';

/**
 * Whether every chunk of an audit is proved and its checkpoint is shown to be well-formed; false of an audit that is not known. Anyone may register
 * circuits: who relies on it checks both of `getAudit`, and who registered the set when.
 */
export async function isCertified(chain: ChainReader, deployment: Deployment, auditId: Hex): Promise<boolean> {
  return read(chain, auditRegistryAbi, deployment.addresses.auditRegistry, 'isCertified', [auditId]);
}
