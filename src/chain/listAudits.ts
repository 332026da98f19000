import type { Address, Hex } from 'viem';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { type AuditRecord, getAudit } from './getAudit.ts';
import { getEvents } from './getEvents.ts';

export type ListAuditsParameters = { readonly checkpointId?: bigint; readonly setId?: bigint; readonly opener?: Address };

/** Audits that were opened, in that order: all of them, or those of a checkpoint, of a set, of an opener. */
export async function listAudits(
  chain: ChainReader,
  deployment: Deployment,
  { checkpointId, setId, opener }: ListAuditsParameters = {},
): Promise<readonly AuditRecord[]> {
  const opened: Hex[] = [];
  for (const event of await getEvents(chain, deployment, { names: ['AuditOpened'] })) {
    if (event.name !== 'AuditOpened') continue;
    const { args } = event;
    if (checkpointId !== undefined && args.checkpointId !== checkpointId) continue;
    if (setId !== undefined && args.setId !== setId) continue;
    if (opener !== undefined && args.opener.toLowerCase() !== opener.toLowerCase()) continue;
    opened.push(args.auditId);
  }
  return Promise.all(opened.map((auditId) => getAudit(chain, deployment, auditId)));
}
