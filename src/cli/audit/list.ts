import { z } from 'zod';
import { defineCommand } from '../framework/command.ts';
import { connectReader } from '../framework/connectReader.ts';
import { fieldId, showId } from '../framework/ids.ts';
import { columns } from '../framework/output.ts';
import { type ShownAudit, sayState } from './show.ts';

type Input = { readonly checkpoint: bigint | undefined; readonly set: bigint | undefined; readonly limit: number };

type Listed = { readonly audits: readonly ShownAudit[]; readonly all: number };

export const auditList = defineCommand<Input, Listed>({
  name: 'audit list',
  summary: 'audits on chain: those that were completed, and those that were given up',
  options: {
    checkpoint: { flags: '--checkpoint <id>', description: 'only those of this model', schema: fieldId.optional() },
    set: { flags: '--set <id>', description: 'only those of this set', schema: fieldId.optional() },
    limit: {
      flags: '--limit <count>',
      description: 'so many, the newest first (default 50)',
      schema: z.coerce.number().int().min(1).max(1000).default(50),
    },
  },
  examples: ['assay audit list', `assay audit list --set 0x${'1a'.repeat(32)} --json`],
  async run({ settings }, { checkpoint, set, limit }) {
    const { isCertified } = await import('../../chain/isCertified.ts');
    const { listAudits } = await import('../../chain/listAudits.ts');
    const { chain, deployment } = await connectReader(settings);
    const found = await listAudits(chain, deployment, {
      ...(checkpoint !== undefined && { checkpointId: checkpoint }),
      ...(set !== undefined && { setId: set }),
    });
    const newest = found.slice(-limit).reverse();
    const audits = await Promise.all(
      newest.map(async (audit) => ({
        ...audit,
        checkpointId: showId(audit.checkpointId),
        setId: showId(audit.setId),
        certified: await isCertified(chain, deployment, audit.auditId),
      })),
    );
    return { audits, all: found.length };
  },
  render({ audits, all }) {
    if (all === 0) return 'no audits';
    const short = (id: string): string => `${id.slice(0, 10)}...`;
    const rows = audits.map((audit) => [
      audit.auditId,
      short(audit.checkpointId),
      short(audit.setId),
      String(audit.openedAt),
      `${audit.done.length}/${audit.draws === 0 ? audit.wanted.length : audit.draws}`,
      sayState(audit),
    ]);
    const said =
      'Anybody registers circuits: `certified` is under those that an audit names (audit show). Verifying its certificate rebuilds them.';
    const table = `${columns([['audit', 'checkpoint', 'set', 'block', 'chunks', 'state'], ...rows])}\n${said}`;
    return audits.length < all ? `${table}\n${all - audits.length} older ones are left out (--limit)` : table;
  },
});
