import { z } from 'zod';
import type { PageView, WindowRow, WindowView } from '../../explorer/views.ts';
import { paths } from '../../explorer/web/paths.ts';
import { defaultLimit, defineLook, pageText } from './defineLook.ts';
import { type PagingInput, pagingOptions } from './exploreOptions.ts';
import { windowTable } from './rows.ts';
import { placeText, type Sheet } from './sheet.ts';

type Input = PagingInput & { readonly job: string; readonly window: number | undefined; readonly newest: boolean };

/** The text of one window. */
export function windowText(view: WindowView, sheet: Sheet): string {
  const parts = [sheet.title(`${view.statement === 'inference' ? 'answer' : 'window'} ${view.index} of job ${view.jobId}`)];
  if (view.input !== null) parts.push(`asked: ${sheet.id(view.input.inputId)}, blob ${view.input.cid} (${placeText(view.input.at)})`);
  parts.push('', sheet.title('leases'));
  const leases = view.leases.map((lease) => [
    sheet.id(lease.submissionId),
    sheet.id(lease.operator),
    String(lease.contribution),
    sheet.state(lease.state),
    lease.raced ? 'raced' : '',
    `until block ${lease.deadline}`,
    placeText(lease.taken),
  ]);
  parts.push(leases.length === 0 ? 'none' : sheet.table(['submission', 'operator', 'contribution', 'state', '', 'lease', 'taken'], leases));
  parts.push('', sheet.title('final'), view.units.length === 0 ? 'not yet' : windowTable(sheet, view.units));
  if (view.merge !== null)
    parts.push('', `merged from ${sheet.id(view.merge.baseId)} into ${sheet.id(view.merge.mergedId)} (${placeText(view.merge.at)})`);
  return parts.join('\n');
}

export const exploreWindow = defineLook<Input, PageView<WindowRow> | WindowView>({
  name: 'explore window',
  summary: 'a window of a job: its leases, what became final; without an index, the list',
  arguments: {
    job: { flags: '<job>', description: 'number of the job', schema: z.string().regex(/^[1-9]\d{0,18}$/, 'expected the number of a job') },
    window: { flags: '[index]', description: 'number of the window, from 0', schema: z.coerce.number().int().min(0).optional() },
  },
  options: {
    newest: { flags: '--newest', description: 'list from the last window', schema: z.boolean().default(false) },
    ...pagingOptions,
  },
  examples: ['assay explore window 1', 'assay explore window 1 0', 'assay explore window 1 --newest --json'],
  look: (explorer, { job, window: index, newest, limit = defaultLimit, cursor }) =>
    index === undefined ? explorer.windows(job, { limit, cursor, newestFirst: newest }) : explorer.window(job, index),
  text: (view, sheet) =>
    'items' in view ? pageText(view, 'no final windows', (rows) => windowTable(sheet, rows)) : windowText(view, sheet),
  path: (view, { job }) => ('items' in view ? paths.job(job) : paths.window(view.jobId, view.index)),
});
