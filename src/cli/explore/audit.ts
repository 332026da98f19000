import { z } from 'zod';
import type { AuditRow, AuditView, PageView } from '../../explorer/views.ts';
import { paths } from '../../explorer/web/paths.ts';
import { defaultLimit, defineLook, pageText } from './defineLook.ts';
import { type PagingInput, pagingOptions } from './exploreOptions.ts';
import { auditTable, eventTable } from './rows.ts';
import { placeText, type Sheet } from './sheet.ts';

type Input = PagingInput & { readonly id: string | undefined; readonly checkpoint: string | undefined; readonly set: string | undefined };

/** The text of one audit. */
export function auditText(audit: AuditView, sheet: Sheet): string {
  const { set } = audit;
  const parts = [
    sheet.title(`audit ${audit.id}`),
    ...audit.text,
    '',
    sheet.facts([
      ['state', sheet.state(audit.state)],
      ['chunks', `${audit.chunks.proved} of ${audit.chunks.wanted} proved`],
      ['checkpoint', `${sheet.id(audit.checkpointId)}, ${audit.wellFormed ? 'well-formed' : 'not shown to be well-formed'}`],
      [
        'set',
        set === null
          ? sheet.id(audit.setId)
          : `${sheet.id(audit.setId)}: ${set.samples} samples in ${set.chunks} chunks, ${set.classes} classes, ${set.groups} groups`,
      ],
      [
        'set registered',
        set === null ? undefined : set.registered.map(({ owner, at }) => `${placeText(at)} by ${sheet.id(owner)}`).join('; '),
      ],
      ['asked', audit.draws === 0 ? 'the whole set' : `${audit.draws} chunks, drawn by a later block`],
      ['opened', `${placeText(audit.opened)} by ${sheet.id(audit.opener)}`],
      ['drawn', audit.drawn === null ? undefined : `${audit.drawn.wanted.length} chunks at ${placeText(audit.drawn.at)}`],
      ['completed', audit.completed === null ? undefined : placeText(audit.completed)],
      ['of the same set', `${audit.tally.opened} audits opened, ${audit.tally.completed} completed`],
    ]),
  ];
  const counts = set === null || audit.counts === null ? [] : countRows(audit.counts, set.classes, set.groups);
  if (set !== null && counts.length > 0) {
    const rows = counts.map((row, label) => [
      set.groups > 1 ? `${label % set.classes} in group ${Math.floor(label / set.classes)}` : String(label),
      ...row.map(String),
    ]);
    parts.push(
      '',
      sheet.title('counts'),
      sheet.table(['label \\ answer', ...Array.from({ length: set.classes }, (_, answer) => String(answer))], rows),
    );
  }
  if (audit.reliability !== null && audit.thresholds !== null) {
    const rows = audit.reliability.map(({ right, samples }, bin) => [
      bin === 0 ? '0' : String(audit.thresholds?.[bin - 1]),
      right,
      samples,
      samples === '0' ? '' : `${((100 * Number(right)) / Number(samples)).toFixed(1)} %`,
    ]);
    parts.push('', sheet.title('right answers by margin'), sheet.table(['margin from', 'right', 'answers', ''], rows));
  }
  if (audit.claims.length > 0) {
    const rows = audit.claims.map((claim) => [
      claim.id,
      claim.kind,
      claim.text,
      placeText(claim.at),
      claim.disputes.length === 0
        ? ''
        : sheet.state(`contradicted by ${claim.disputes.map(({ auditId }) => sheet.id(auditId)).join(', ')}`),
    ]);
    parts.push('', sheet.title('claims'), sheet.table(['claim', 'kind', '', 'at', ''], rows));
  }
  if (audit.events.length > 0) parts.push('', sheet.title('events'), eventTable(sheet, audit.events));
  return parts.join('\n');
}

/** Answers of each label, those of every margin together; empty where the counts are not of such a set. */
function countRows(counts: readonly string[], classes: number, groups: number): bigint[][] {
  const labels = classes * groups;
  const bins = counts.length / (labels * classes);
  if (!Number.isInteger(bins) || bins === 0) return [];
  return Array.from({ length: labels }, (_, label) =>
    Array.from({ length: classes }, (_unused, answer) => {
      const first = (label * classes + answer) * bins;
      return counts.slice(first, first + bins).reduce((sum, count) => sum + BigInt(count), 0n);
    }),
  );
}

export const exploreAudit = defineLook<Input, PageView<AuditRow> | AuditView>({
  name: 'explore audit',
  summary: 'an audit: what was asked of a private model and what was proved; without an id, the list',
  arguments: { id: { flags: '[id]', description: 'id of the audit', schema: z.string().optional() } },
  options: {
    checkpoint: { flags: '--checkpoint <id>', description: 'list those of this checkpoint', schema: z.string().optional() },
    set: { flags: '--set <id>', description: 'list those over this set', schema: z.string().optional() },
    ...pagingOptions,
  },
  examples: ['assay explore audit', `assay explore audit 0x${'0c'.repeat(32)}`],
  look: (explorer, { id, checkpoint, set, limit = defaultLimit, cursor }) =>
    id === undefined ? explorer.audits({ limit, cursor, checkpointId: checkpoint, setId: set }) : explorer.audit(id),
  text: (view, sheet) => ('items' in view ? pageText(view, 'no audits', (rows) => auditTable(sheet, rows)) : auditText(view, sheet)),
  path: (view) => ('items' in view ? undefined : paths.audit(view.id)),
});
