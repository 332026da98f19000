import pc from 'picocolors';
import { z } from 'zod';
import { AssayError, exitCodes } from '../../errors.ts';
import type { Explorer } from '../../explorer/explorer.ts';
import type { JobRow, MetricsView, PageView, ProofRow, StatusView } from '../../explorer/views.ts';
import { defineCommand } from '../framework/command.ts';
import { plainData } from '../framework/plain.ts';
import { type ExploreInput, exploreOptions } from './exploreOptions.ts';
import { openCommandExplorer } from './openCommandExplorer.ts';
import { jobTable, proofTable } from './rows.ts';
import { createSheet, type Sheet } from './sheet.ts';

type Input = ExploreInput & { readonly tui: boolean };
type Overview = {
  readonly status: StatusView;
  readonly metrics: MetricsView;
  readonly jobs: PageView<JobRow>;
  readonly proofs: PageView<ProofRow>;
};
type Seen = { readonly explorer: Explorer; readonly overview: Overview | undefined; readonly text: string };

export const explore = defineCommand<Input, Seen>({
  name: 'explore',
  summary: 'what happened on a deployment: jobs, windows, proofs, operators, audits',
  description:
    'Reads the events of a deployment into an index of its own (rebuilt from the chain whenever wanted, safe from reorganisations) and shows what they say. ' +
    'Without a verb it shows an overview, with --tui a live view of the whole terminal. What strangers wrote is shown with its control characters spelt out.',
  options: {
    tui: { flags: '--tui', description: 'a live view with lists, details and search', schema: z.boolean().default(false) },
    ...exploreOptions,
  },
  examples: ['assay explore', 'assay explore --tui', 'assay explore --no-sync --json'],
  async run(context, input) {
    if (input.tui && (process.stdout.isTTY !== true || process.stdin.isTTY !== true || context.json)) {
      throw new AssayError('EXPLORE_NO_TERMINAL', 'the live view needs a terminal, for its keys and its screen', {
        hint: 'assay explore shows an overview anywhere, assay explore watch --json tells events line by line.',
        exitCode: exitCodes.usage,
      });
    }
    const explorer = await openCommandExplorer(context, input);
    if (input.tui) return { explorer, overview: undefined, text: '' };
    const [status, metrics, jobs, proofs] = await Promise.all([
      explorer.status(),
      explorer.metrics(),
      explorer.jobs({ limit: 5 }),
      explorer.proofs({ limit: 5 }),
    ]);
    const overview = { status, metrics, jobs, proofs };
    const sheet = createSheet(input.wide, process.stdout.isTTY === true && pc.isColorSupported);
    return { explorer, overview, text: `${overviewText(plainData(overview), sheet)}\n\n${input.url}/` };
  },
  data: ({ overview }) => overview,
  render: ({ text }) => text,
  async hold({ cleanup }, { explorer, overview }) {
    if (overview !== undefined) return;
    const { runTui } = await import('./tui/runTui.ts');
    await runTui(explorer, pc.isColorSupported, cleanup.signal);
  },
});

function overviewText({ status, metrics: { counts }, jobs, proofs }: Overview, sheet: Sheet): string {
  const parts = [
    sheet.facts([
      ['chain', `${status.chainId}, JobManager ${sheet.id(status.jobManager)}`],
      ['index', `block ${status.indexed ?? '-'} of ${status.head ?? '-'}`],
      ['jobs', `${counts.jobs}, ${counts.jobsRunning} of them running`],
      ['windows', `${counts.windows} final of ${counts.submissions} submissions`],
      ['operators', `${counts.operators}, ${counts.operatorsActive} of them active`],
      ['slashes', String(counts.slashes)],
      ['audits', `${counts.audits}, ${counts.auditsCompleted} of them completed`],
    ]),
  ];
  if (jobs.items.length > 0) parts.push('', sheet.title('last jobs'), jobTable(sheet, jobs.items));
  if (proofs.items.length > 0) parts.push('', sheet.title('last submissions'), proofTable(sheet, proofs.items));
  return parts.join('\n');
}
