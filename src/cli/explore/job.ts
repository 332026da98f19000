import { z } from 'zod';
import type { CurveView, JobRow, JobView, PageView } from '../../explorer/views.ts';
import { paths } from '../../explorer/web/paths.ts';
import { defaultLimit, defineLook, pageText } from './defineLook.ts';
import { type PagingInput, pagingOptions } from './exploreOptions.ts';
import { jobTable } from './rows.ts';
import { amountText, numberText, placeText, type Sheet } from './sheet.ts';
import { sparkline } from './sparkline.ts';

type Input = PagingInput & { readonly id: string | undefined; readonly requester: string | undefined; readonly model: string | undefined };
type View = PageView<JobRow> | (JobView & { readonly curve: CurveView });

/** The text of one job. */
export function jobText(job: JobView & { readonly curve: CurveView }, sheet: Sheet): string {
  const { token, payouts, curve } = job;
  const parts = [
    sheet.title(`job ${job.id}`),
    job.text,
    '',
    sheet.facts([
      ['state', sheet.state(job.state)],
      [
        'windows',
        `${job.finalized} of ${job.windows} final, ${job.submitted} submitted, ${job.rejected} rejected, ${job.orphaned} orphaned, ${job.lapsed} lapsed`,
      ],
      ['requester', sheet.id(job.requester)],
      ['opened', `${placeText(job.opened)}, ${sheet.id(job.opened.transaction)}`],
      ['price', amountText(job.price, token)],
      ['in escrow', job.escrow === null ? undefined : amountText(job.escrow, token)],
      [
        'paid',
        `${amountText(payouts.workers, token)} to workers, ${amountText(payouts.validators, token)} for validators, ${amountText(payouts.licensor, token)} to the licensor, ${amountText(payouts.treasury, token)} to the treasury`,
      ],
      ['refunded', amountText(payouts.refunded, token)],
      ['fee burned', amountText(payouts.feeBurned)],
      ['emitted', amountText(payouts.emitted)],
      ['gas of proofs', `${job.gas.total} in ${job.gas.transactions} of ${job.gas.of} transactions`],
      ['circuit', `${sheet.id(job.circuitId)}${job.circuit?.name == null ? '' : `, ${job.circuit.name}`}`],
      ['model', sheet.id(job.modelId)],
      ['data set', job.datasetId === null ? undefined : sheet.id(job.datasetId)],
      ['genesis', sheet.id(job.genesisId)],
      ['last final', sheet.id(job.finalId)],
    ]),
  ];
  const losses = curve.points.flatMap(({ loss, lossSum }) => (loss === null && lossSum === null ? [] : [loss ?? Number(lossSum)]));
  if (losses.length > 1) {
    parts.push(
      '',
      sheet.title('loss'),
      `${sparkline(losses, 60)}  ${numberText(losses[0] as number)} to ${numberText(losses.at(-1) as number)}`,
    );
    if (curve.lossNote !== null) parts.push(curve.lossNote);
  }
  if (job.workers.length > 0) {
    const rows = job.workers.map(({ operator, units, paid }) => [sheet.id(operator), String(units), amountText(paid, token)]);
    parts.push('', sheet.title('workers'), sheet.table(['operator', 'units', 'paid'], rows));
  }
  parts.push(
    '',
    sheet.title('terms'),
    sheet.table(
      ['term', 'value', ''],
      job.terms.map(({ name, value, text }) => [name, value, text]),
    ),
  );
  return parts.join('\n');
}

export const exploreJob = defineLook<Input, View>({
  name: 'explore job',
  summary: 'a job: state, payouts, loss, gas, terms; without a number, the list',
  arguments: {
    id: {
      flags: '[id]',
      description: 'number of the job',
      schema: z
        .string()
        .regex(/^[1-9]\d{0,18}$/, 'expected the number of a job')
        .optional(),
    },
  },
  options: {
    requester: { flags: '--requester <address>', description: 'list the jobs of this requester', schema: z.string().optional() },
    model: { flags: '--model <id>', description: 'list the jobs on this model', schema: z.string().optional() },
    ...pagingOptions,
  },
  examples: ['assay explore job', 'assay explore job 1', 'assay explore job --limit 5 --json'],
  async look(explorer, { id, requester, model, limit = defaultLimit, cursor }) {
    if (id === undefined) return explorer.jobs({ limit, cursor, requester, modelId: model });
    const [job, curve] = await Promise.all([explorer.job(id), explorer.curve(id)]);
    return { ...job, curve };
  },
  text: (view, sheet) => ('items' in view ? pageText(view, 'no jobs', (rows) => jobTable(sheet, rows)) : jobText(view, sheet)),
  path: (view) => ('items' in view ? undefined : paths.job(view.id)),
});
