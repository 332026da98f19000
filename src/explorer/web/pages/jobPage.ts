import { html } from 'hono/html';
import type { CurveView } from '../../views.ts';
import { amountOf } from '../amountOf.ts';
import { badge } from '../badge.ts';
import { card } from '../card.ts';
import { chart } from '../chart.ts';
import { circuitLine } from '../circuitFacts.ts';
import { facts } from '../facts.ts';
import type { Html } from '../html.ts';
import { idOf } from '../idOf.ts';
import type { Page } from '../layout.ts';
import { number } from '../number.ts';
import { listed, type PageRequest } from '../pageRequest.ts';
import { pager } from '../pager.ts';
import { paths } from '../paths.ts';
import { windowsTable } from '../rows.ts';
import { sentence } from '../sentence.ts';
import { table } from '../table.ts';
import { userText } from '../userText.ts';
import { when } from '../when.ts';

/** A job: what was ordered, what was trained, what was paid. */
export async function jobPage({ explorer, params, query }: PageRequest): Promise<Page> {
  const id = params['id'] ?? '';
  const { cursor } = query;
  // First the job: where there is none, the others have nothing to say.
  const job = await explorer.job(id);
  const [windows, curve] = await Promise.all([
    explorer.windows(id, { limit: listed, newestFirst: true, ...(cursor === undefined ? {} : { cursor }) }),
    explorer.curve(id),
  ]);
  const answers = job.statement === 'inference';
  const { payouts, token, gas } = job;
  return {
    title: `Job ${job.id}`,
    heading: `Job ${job.id}`,
    beside: badge(job.state),
    crumbs: [['Jobs', '/jobs']],
    lead: sentence(job.text),
    content: html`<div class="columns">
${card(
  'progress',
  'Where it is',
  facts([
    ['Final', html`${number(job.finalized)} of ${number(job.windows)} ${answers ? 'answers' : 'windows'}`],
    ['Submitted', html`${number(job.submitted)}, of these ${number(job.rejected)} rejected and ${number(job.orphaned)} orphaned`],
    ['Leases that lapsed', number(job.lapsed)],
    ['Paid so far', amountOf(job.paid, token)],
    ['In escrow', job.escrow === null ? 'the chain does not answer' : amountOf(job.escrow, token)],
    [answers ? 'Checkpoint that is asked' : 'Last final checkpoint', idOf(job.finalId, 'checkpoint id', paths.checkpoint(job.finalId))],
    ['Genesis', idOf(job.genesisId, 'checkpoint id', paths.checkpoint(job.genesisId))],
    ['Requester', idOf(job.requester, 'requester', paths.node(job.requester))],
    ['Opened', when(job.opened)],
    ['Circuit', job.circuit === null ? idOf(job.circuitId, 'circuit id', paths.circuit(job.circuitId)) : circuitLine(job.circuit)],
    [
      'Gas of proofs',
      gas.transactions === 0
        ? undefined
        : html`${number(gas.total)} in ${number(gas.transactions)} of ${number(gas.of)} transactions${gas.transactions < gas.of ? '; the others are still being read' : ''}`,
    ],
  ]),
)}
${card(
  'payouts',
  'Who was paid',
  html`${facts([
    ['Workers', amountOf(payouts.workers, token)],
    ['Validators’ seats', amountOf(payouts.validators, token)],
    ['Licensor of the data', amountOf(payouts.licensor, token)],
    ['Treasury', amountOf(payouts.treasury, token)],
    ['Back to the requester', amountOf(payouts.refunded, token)],
    ['Fee, burned', amountOf(payouts.feeBurned)],
    ['New tokens', amountOf(payouts.emitted)],
  ])}${table(
    'Workers by what they were paid',
    [{ label: 'Worker' }, { label: 'Units', number: true }, { label: 'Paid', number: true }],
    job.workers.map((worker) => [
      idOf(worker.operator, 'operator', paths.node(worker.operator)),
      number(worker.units),
      amountOf(worker.paid, token),
    ]),
    'No worker has been paid yet.',
  )}`,
)}
</div>
${curves(curve, token.decimals)}
${card('windows', answers ? 'Answers' : 'Windows', html`${windowsTable(windows.items, token)}${pager(paths.job(job.id), query, windows.next, '#windows')}`)}
${card(
  'terms',
  'Terms',
  facts(
    job.terms.map(({ name, value, text }) => {
      const id = /^0x0*[1-9a-f][0-9a-f]*$/i.test(value) ? html` ${idOf(value, name)}` : '';
      return [userText(name), html`${userText(text)}${id}`];
    }),
  ),
)}`,
  };
}

function curves(curve: CurveView, decimals: number | null): Html {
  const { points } = curve;
  const windows = points.map((point) => point.window);
  const values = (pick: (point: CurveView['points'][number]) => number | null) => points.map((point) => pick(point) ?? undefined);
  const hasLoss = points.some((point) => point.loss !== null);
  const empty = 'No window is final yet.';
  const some = curve.every > 1 ? `Of ${number(curve.windows)} windows every ${number(curve.every)}th is shown, and the last.` : undefined;
  const scale = decimals === null || decimals < 0 || decimals > 36 ? 1 : 10 ** decimals;
  const loss = hasLoss
    ? { label: 'Mean squared error', values: values((point) => point.loss) }
    : { label: 'Sum of squared errors', values: values((point) => (point.lossSum === null ? null : Number(point.lossSum))) };
  const hasAnyLoss = loss.values.some((value) => value !== undefined);
  const notes = [some, curve.lossNote].filter((note) => note !== null && note !== undefined);
  return card(
    'curves',
    'Over its windows',
    html`<div class="columns">
${hasAnyLoss || points.length === 0 ? chart('Loss by window', 'Window', windows, [loss], empty) : ''}
${points.length === 0 ? '' : chart('Gas by window', 'Window', windows, [{ label: 'Gas', values: values((point) => point.gas) }], empty)}
${points.length === 0 ? '' : chart('Paid by window', 'Window', windows, [{ label: 'Paid', values: points.map(({ paid }) => Number(paid) / scale) }], empty)}
</div>${notes.map((note) => html`<p class="note">${userText(note)}</p>`)}`,
  );
}
