import { html } from 'hono/html';
import { badge } from '../badge.ts';
import { card } from '../card.ts';
import { facts } from '../facts.ts';
import { idOf } from '../idOf.ts';
import type { Page } from '../layout.ts';
import { number } from '../number.ts';
import type { PageRequest } from '../pageRequest.ts';
import { paths } from '../paths.ts';
import { windowsTable } from '../rows.ts';
import { table } from '../table.ts';
import { userText } from '../userText.ts';
import { when } from '../when.ts';

/** A window (or answer) of a job: who leased it, who proved it, what it ended in. */
export async function windowPage({ explorer, params }: PageRequest): Promise<Page> {
  const jobId = params['job'] ?? '';
  const index = /^\d{1,15}$/.test(params['index'] ?? '') ? Number(params['index']) : Number.NaN;
  const [window, job] = await Promise.all([explorer.window(jobId, index), explorer.job(jobId)]);
  const what = window.statement === 'inference' ? 'Answer' : 'Window';
  const { merge, input } = window;
  return {
    title: `${what} ${window.index} of job ${window.jobId}`,
    heading: `${what} ${number(window.index)}`,
    beside: window.units.length > 0 ? badge('finalized') : badge('open'),
    crumbs: [
      ['Jobs', '/jobs'],
      [`Job ${window.jobId}`, paths.job(window.jobId)],
    ],
    lead:
      window.statement === 'inference'
        ? 'One input that the requester pays to have answered by the model, with a proof that the answer is the model’s.'
        : 'Consecutive steps of gradient descent, leased by a worker, and paid once they are proved or nobody has asked for the proof in time.',
    content: html`${card('units', 'Final', windowsTable(window.units, job.token))}
${
  input === null
    ? ''
    : card(
        'input',
        'What was asked',
        facts([
          ['Input', idOf(input.inputId, 'input id')],
          ['Stored as', userText(input.cid)],
          ['Asked', when(input.at)],
        ]),
      )
}
${
  merge === null
    ? ''
    : card(
        'merge',
        'Merge',
        facts([
          ['Trained from', idOf(merge.baseId, 'checkpoint id', paths.checkpoint(merge.baseId))],
          ['Merged into', idOf(merge.mergedId, 'checkpoint id', paths.checkpoint(merge.mergedId))],
          ['When', when(merge.at)],
        ]),
      )
}
${card(
  'leases',
  'Leases',
  table(
    'Leases of this window, in order',
    [
      { label: 'Submission' },
      { label: 'State' },
      { label: 'Operator' },
      { label: 'Starts from' },
      { label: 'Deadline', number: true },
      { label: 'Taken' },
    ],
    window.leases.map((lease) => [
      idOf(lease.submissionId, 'submission id', paths.proof(lease.submissionId)),
      html`${badge(lease.state)}${lease.raced ? html` ${badge('raced', 'warn')}` : ''}`,
      idOf(lease.operator, 'operator', paths.node(lease.operator)),
      idOf(lease.startId, 'checkpoint id', window.statement === 'inference' ? undefined : paths.checkpoint(lease.startId)),
      `block ${number(lease.deadline)}`,
      when(lease.taken),
    ]),
    'Nobody has leased it.',
  ),
)}`,
  };
}
