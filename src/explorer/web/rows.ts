import { html } from 'hono/html';
import type { AuditRow, CheckpointRow, EventRow, JobRow, NodeRow, ProofRow, SlashRow, WindowRow } from '../views.ts';
import { amountOf } from './amountOf.ts';
import { badge } from './badge.ts';
import type { Html } from './html.ts';
import { idOf } from './idOf.ts';
import { number } from './number.ts';
import { paths } from './paths.ts';
import { table } from './table.ts';
import { userText } from './userText.ts';
import { valueText } from './valueText.ts';
import { duration, when } from './when.ts';

// One table for each kind of row, wherever it stands.

export function jobsTable(rows: readonly JobRow[]): Html {
  return table(
    'Jobs',
    [
      { label: 'Job' },
      { label: 'State' },
      { label: 'Kind' },
      { label: 'Final', number: true },
      { label: 'Price', number: true },
      { label: 'Requester' },
      { label: 'Opened' },
    ],
    rows.map((job) => [
      html`<a href="${paths.job(job.id)}">Job ${job.id}</a>`,
      badge(job.state),
      `${job.statement === 'inference' ? 'answers' : 'training'}, ${job.mode}`,
      `${number(job.finalized)} of ${number(job.windows)}`,
      amountOf(job.price, job.token),
      idOf(job.requester, 'requester', paths.node(job.requester)),
      when(job.opened),
    ]),
    'No job has been opened.',
  );
}

export function proofsTable(rows: readonly ProofRow[]): Html {
  return table(
    'Proofs',
    [{ label: 'Proof' }, { label: 'State' }, { label: 'Window' }, { label: 'Operator' }, { label: 'Submitted' }],
    rows.map((proof) => [
      idOf(proof.submissionId, 'submission id', paths.proof(proof.submissionId)),
      badge(proof.state),
      html`<a href="${paths.window(proof.jobId, proof.window)}">Job ${proof.jobId}, ${proof.statement === 'inference' ? 'answer' : 'window'} ${number(proof.window)}</a>`,
      idOf(proof.operator, 'operator', paths.node(proof.operator)),
      when(proof.submitted),
    ]),
    'Nothing has been submitted.',
  );
}

export function windowsTable(rows: readonly WindowRow[], token: JobRow['token']): Html {
  return table(
    'Final windows',
    [
      { label: 'Window' },
      { label: 'Operator' },
      { label: 'Proof' },
      { label: 'By' },
      { label: 'Loss sum', number: true },
      { label: 'Took', number: true },
      { label: 'Gas', number: true },
      { label: 'Reward', number: true },
      { label: 'Final' },
    ],
    rows.map((row) => [
      html`<a href="${paths.window(row.jobId, row.index)}">${number(row.index)}${row.contribution > 0 ? `, part ${row.contribution + 1}` : ''}</a>`,
      idOf(row.operator, 'operator', paths.node(row.operator)),
      idOf(row.submissionId, 'submission id', paths.proof(row.submissionId)),
      row.proved ? badge('proof', 'good') : badge('silence', 'info'),
      row.lossSum === null ? '–' : number(BigInt(row.lossSum)),
      row.seconds === null ? '–' : duration(row.seconds),
      row.gas === null ? '–' : number(row.gas),
      amountOf(row.reward, token),
      when(row.final),
    ]),
    'No window is final yet.',
  );
}

export function nodesTable(rows: readonly NodeRow[]): Html {
  return table(
    'Nodes',
    [
      { label: 'Operator' },
      { label: 'Stake', number: true },
      { label: 'Paid units', number: true },
      { label: 'Earned', number: true },
      { label: 'Seats', number: true },
      { label: 'Slashes', number: true },
      { label: 'Registered' },
    ],
    rows.map((node) => [
      html`${idOf(node.operator, 'operator', paths.node(node.operator))}${node.hotKey === null ? html` ${badge('not registered', 'warn')}` : ''}`,
      amountOf(node.stake),
      number(node.units),
      node.rewards.length === 0 ? '–' : node.rewards.map(({ amount, token }) => html`<div>${amountOf(amount, token)}</div>`),
      number(node.seats),
      node.slashes === 0 ? '0' : badge(number(node.slashes), 'bad'),
      when(node.registered),
    ]),
    'No node has registered.',
  );
}

export function checkpointsTable(rows: readonly CheckpointRow[]): Html {
  return table(
    'Checkpoints',
    [
      { label: 'Checkpoint' },
      { label: 'Version', number: true },
      { label: 'From' },
      { label: 'Window' },
      { label: 'By' },
      { label: 'Recorded' },
    ],
    rows.map((row) => [
      idOf(row.id, 'checkpoint id', paths.checkpoint(row.id)),
      number(row.version),
      row.parentId === null ? '–' : idOf(row.parentId, 'checkpoint id', paths.checkpoint(row.parentId)),
      html`<a href="${paths.window(row.jobId, row.window)}">Job ${row.jobId}, window ${number(row.window)}</a>`,
      row.proved ? badge('proof', 'good') : badge('silence', 'info'),
      when(row.recorded),
    ]),
    'No window has ended in a checkpoint yet.',
  );
}

export function auditsTable(rows: readonly AuditRow[]): Html {
  return table(
    'Audits',
    [
      { label: 'Audit' },
      { label: 'State' },
      { label: 'Checkpoint' },
      { label: 'Chunks proved', number: true },
      { label: 'Drawn' },
      { label: 'Opened' },
    ],
    rows.map((row) => [
      idOf(row.id, 'audit id', paths.audit(row.id)),
      badge(row.state),
      idOf(row.checkpointId, 'checkpoint id', paths.checkpoint(row.checkpointId)),
      `${number(row.chunks.proved)} of ${number(row.chunks.wanted)}`,
      row.draws === 0 ? 'the whole set' : `${number(row.draws)} draws`,
      when(row.opened),
    ]),
    'No audit has been opened.',
  );
}

export function slashesTable(rows: readonly SlashRow[]): Html {
  return table(
    'Slashes',
    [
      { label: 'Operator' },
      { label: 'For' },
      { label: 'Evidence' },
      { label: 'To finder', number: true },
      { label: 'To harmed', number: true },
      { label: 'Burned', number: true },
      { label: 'When' },
    ],
    rows.map((row) => [
      idOf(row.operator, 'operator', paths.node(row.operator)),
      html`${badge(row.reason, 'bad')} ${userText(row.text)}`,
      idOf(row.submissionId, 'submission id', paths.proof(row.submissionId)),
      html`${amountOf(row.finderPart)}${row.finder === null ? '' : html`<div>${idOf(row.finder, 'finder', paths.node(row.finder))}</div>`}`,
      amountOf(row.harmedPart),
      amountOf(row.burned),
      when(row.at),
    ]),
    'Nobody has been slashed.',
  );
}

export function eventsTable(rows: readonly EventRow[]): Html {
  return table(
    'Events',
    [{ label: 'Event' }, { label: 'What' }, { label: 'Values' }, { label: 'When' }],
    rows.map((row) => [
      html`${row.module}.<wbr>${row.name}`,
      userText(row.text),
      html`<details><summary>${number(Object.keys(row.args).length)} values</summary>${Object.entries(row.args).map(
        ([name, value]) => html`<div><code>${name}</code>: ${valueText(value)}</div>`,
      )}</details>`,
      when(row.at),
    ]),
    'No event.',
  );
}
