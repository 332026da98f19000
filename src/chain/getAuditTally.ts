import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { auditRegistryAbi } from './generated/AuditRegistry.ts';

export type AuditTally = { readonly opened: number; readonly completed: number };

/** Audits that were opened over a set, of all models and openers, and those of them that were completed. */
export async function getAuditTally(chain: ChainReader, deployment: Deployment, setId: bigint): Promise<AuditTally> {
  const [opened, completed] = await read(chain, auditRegistryAbi, deployment.addresses.auditRegistry, 'tally', [setId]);
  return { opened: Number(opened), completed: Number(completed) };
}
