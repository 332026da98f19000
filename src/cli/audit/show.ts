import type { Hex } from 'viem';
import { z } from 'zod';
import type { AuditRecord } from '../../chain/getAudit.ts';
import type { AuditClaimRecord } from '../../chain/getAuditClaims.ts';
import type { AuditTally } from '../../chain/getAuditTally.ts';
import type { AuditSetFields } from '../../commitment/ids.ts';
import { defineCommand } from '../framework/command.ts';
import { connectReader } from '../framework/connectReader.ts';
import { showId } from '../framework/ids.ts';
import { columns } from '../framework/output.ts';
import { type CountsFacts, countsFacts, countsRows } from './claims.ts';

/** An audit on chain, as every command says it. */
export type ShownAudit = Omit<AuditRecord, 'checkpointId' | 'setId'> & {
  readonly checkpointId: Hex;
  readonly setId: Hex;
  /** Every chunk is proved, and that the model is well-formed. */
  readonly certified: boolean;
};

type Shown = ShownAudit & {
  readonly tally: AuditTally;
  /** Of the chunks proved so far. */
  readonly counts: CountsFacts;
  readonly claims: readonly AuditClaimRecord[];
};

export const auditShow = defineCommand<{ readonly id: Hex }, Shown>({
  name: 'audit show',
  summary: 'an audit on chain: what was asked, what is proved, claimed and disputed',
  arguments: {
    id: {
      flags: '<id>',
      description: 'audit id',
      schema: z
        .string()
        .regex(/^0x[0-9a-fA-F]{64}$/, 'expected 32 bytes in hex')
        .transform((text) => text.toLowerCase() as Hex),
    },
  },
  examples: [`assay audit show 0x${'5a'.repeat(32)}`],
  async run({ settings }, { id }) {
    const { getAudit } = await import('../../chain/getAudit.ts');
    const { getAuditClaims } = await import('../../chain/getAuditClaims.ts');
    const { getAuditCounts } = await import('../../chain/getAuditCounts.ts');
    const { getAuditSet } = await import('../../chain/getAuditSet.ts');
    const { getAuditTally } = await import('../../chain/getAuditTally.ts');
    const { isCertified } = await import('../../chain/isCertified.ts');
    const { chain, deployment } = await connectReader(settings);
    const audit = await getAudit(chain, deployment, id);
    // An audit is of a registered set.
    const { classes, groups } = (await getAuditSet(chain, deployment, audit.setId)) as AuditSetFields;
    const counts = await getAuditCounts(chain, deployment, id);
    return {
      ...audit,
      checkpointId: showId(audit.checkpointId),
      setId: showId(audit.setId),
      certified: await isCertified(chain, deployment, id),
      tally: await getAuditTally(chain, deployment, audit.setId),
      counts: countsFacts({ classes, groups, bins: counts.length / (groups * classes ** 2), counts }),
      claims: await getAuditClaims(chain, deployment, id),
    };
  },
  render: (audit) =>
    `${columns([
      ['audit', audit.auditId],
      ['state', sayState(audit)],
      ['checkpoint', audit.checkpointId],
      ['set', `${audit.setId} of ${audit.setOwner}, registered in block ${audit.setRegisteredAt}`],
      ['opened', `in block ${audit.openedAt} by ${audit.opener}`],
      [
        'chunks',
        audit.wanted.length === 0
          ? `${audit.draws}, not drawn yet`
          : `${audit.done.length} of ${audit.wanted.length} proved${audit.draws === 0 ? '' : `, drawn: ${audit.wanted.join(', ')}`}`,
      ],
      ...(audit.done.length === 0 ? [] : countsRows(audit.counts)),
      ...audit.claims.map((claim) => [
        `claim ${claim.claimId}`,
        `${claim.kind}${claim.kind === 'accuracy' ? '' : ` ${claim.class}`} ${claim.numerator}/${claim.denominator}${claim.disputes === 0n ? '' : `, DISPUTED by ${claim.disputes} audits`}`,
      ]),
      ['of the set', `${audit.tally.opened} audits opened, ${audit.tally.completed} completed`],
      ['by circuits', `${audit.circuitId}, well-formed ${audit.wellFormedCircuitId}`],
    ])}\nAnybody registers circuits, and one may accept everything: that these are built from this package, assay audit verify shows of the certificate.`,
});

/** The state of an audit in a word or two. */
export function sayState({ state, certified, disputes }: Pick<ShownAudit, 'state' | 'certified' | 'disputes'>): string {
  const what = certified ? 'certified' : state === 'completed' ? 'completed, model not shown to be well-formed' : state;
  return disputes === 0n ? what : `${what}, disputed`;
}
