import { html } from 'hono/html';
import { amountOf } from '../amountOf.ts';
import { badge } from '../badge.ts';
import { card } from '../card.ts';
import { circuitLine } from '../circuitFacts.ts';
import { copyButton } from '../copyButton.ts';
import { facts } from '../facts.ts';
import { idOf } from '../idOf.ts';
import type { Page } from '../layout.ts';
import { number } from '../number.ts';
import type { PageRequest } from '../pageRequest.ts';
import { paths } from '../paths.ts';
import { slashesTable } from '../rows.ts';
import { sentence } from '../sentence.ts';
import { table } from '../table.ts';
import { userText } from '../userText.ts';
import { valueText } from '../valueText.ts';
import { duration, when } from '../when.ts';

/** A submission and its proof: what it says in words, word by word, and how to check it. */
export async function proofPage({ explorer, params }: PageRequest): Promise<Page> {
  const proof = await explorer.proof(params['id'] ?? '');
  const { circuit, paid, token, latency } = proof;
  const unit = proof.statement === 'inference' ? 'answer' : 'window';
  return {
    title: `Proof of ${unit} ${proof.window}, job ${proof.jobId}`,
    heading: `Proof of ${unit} ${number(proof.window)}`,
    beside: badge(proof.state),
    crumbs: [
      ['Jobs', '/jobs'],
      [`Job ${proof.jobId}`, paths.job(proof.jobId)],
      [`${proof.statement === 'inference' ? 'Answer' : 'Window'} ${proof.window}`, paths.window(proof.jobId, proof.window)],
    ],
    content: html`${card('words', proof.proved === null && !(proof.final?.proved ?? false) ? 'What it states' : 'What was proved', html`<div class="words">${proof.text.map((text) => html`<p>${sentence(text)}</p>`)}</div>`)}
${card(
  'check',
  'Check it yourself',
  html`<p>This builds the circuit from its sources, fetches the proof from the chain or its blob, and verifies it again.</p>
<div class="command"><pre tabindex="0" aria-label="Command that verifies the proof"><code>${proof.verifyCommand}</code></pre>${copyButton(proof.verifyCommand, 'command')}</div>`,
)}
<div class="columns">
${card(
  'happened',
  'What happened',
  facts([
    ['Submission', idOf(proof.submissionId, 'submission id')],
    ['Operator', idOf(proof.operator, 'operator', paths.node(proof.operator))],
    ['Leased', proof.leased === null ? undefined : when(proof.leased)],
    ['Submitted', when(proof.submitted)],
    [
      'Proved on chain',
      proof.proved === null
        ? 'no proof was asked for so far'
        : html`${when(proof.proved.at)} by ${idOf(proof.proved.by, 'address', paths.node(proof.proved.by))}`,
    ],
    ['Final', proof.final === null ? undefined : html`${when(proof.final.at)} ${proof.final.proved ? 'by proof' : 'by silence'}`],
    [
      proof.over === null ? '' : proof.over.what === 'rejected' ? 'Rejected' : 'Orphaned',
      proof.over === null
        ? undefined
        : html`${when(proof.over.at)}${proof.over.finder === null ? '' : html` found by ${idOf(proof.over.finder, 'finder', paths.node(proof.over.finder))}`}`,
    ],
    [
      'Submission to final',
      latency === null
        ? undefined
        : html`${number(latency.blocks)} blocks${latency.seconds === null ? '' : `, ${duration(latency.seconds)}`}`,
    ],
    ['Started from', proof.parentId === null ? undefined : idOf(proof.parentId, 'checkpoint id', paths.checkpoint(proof.parentId))],
    ['Ended in', proof.resultId === null ? undefined : idOf(proof.resultId, 'checkpoint id', paths.checkpoint(proof.resultId))],
  ]),
)}
${card(
  'cost',
  'What it cost and paid',
  facts([
    ['Circuit', circuit === null ? 'not registered' : circuitLine(circuit)],
    ['Gates', circuit?.known?.gates == null ? 'not measured' : number(circuit.known.gates)],
    ['Gas of the transaction that brought it', proof.gas === null ? 'none did so far' : number(proof.gas)],
    ['Hash of proof and opening', idOf(proof.proofHash, 'proof hash')],
    ['To the worker', paid === null ? 'nothing so far' : amountOf(paid.worker, token)],
    ['To validators’ seats', paid === null ? undefined : amountOf(paid.validators, token)],
    ['To the licensor', paid === null ? undefined : amountOf(paid.licensor, token)],
    ['To the treasury', paid === null ? undefined : amountOf(paid.treasury, token)],
    ['Fee, burned', paid === null ? undefined : amountOf(paid.feeBurned)],
    ['New tokens', paid === null ? undefined : amountOf(paid.emitted)],
  ]),
)}
</div>
${card(
  'inputs',
  'Public inputs',
  html`<p class="note">The words that the proof is about, in the order in which the verifier takes them.</p>${table(
    'Public inputs, one by one',
    [{ label: 'Word' }, { label: 'Value' }, { label: 'Meaning' }],
    proof.words.map(({ name, value, text }) => [userText(name), valueText(value), userText(text)]),
    'None.',
  )}`,
)}
${
  proof.seats.length === 0
    ? ''
    : card(
        'seats',
        'Attestations',
        table(
          'Seats that were drawn for this submission',
          [{ label: 'Seat' }, { label: 'Validator' }, { label: 'State' }, { label: 'Committed' }],
          proof.seats.map((seat) => [
            number(seat.seat),
            idOf(seat.operator, 'operator', paths.node(seat.operator)),
            badge(seat.state),
            when(seat.committed),
          ]),
          'None.',
        ),
      )
}
${
  proof.demands.length === 0
    ? ''
    : card(
        'demands',
        'Demands for the proof',
        table(
          'Demands',
          [{ label: 'By' }, { label: 'Bond', number: true }, { label: 'Until', number: true }, { label: 'When' }],
          proof.demands.map((demand) => [
            idOf(demand.challenger, 'challenger', paths.node(demand.challenger)),
            amountOf(demand.bond, { symbol: 'ether', decimals: 18 }),
            `block ${number(demand.deadline)}`,
            when(demand.at),
          ]),
          'None.',
        ),
      )
}
${proof.slashes.length === 0 ? '' : card('slashes', 'Slashes that it led to', slashesTable(proof.slashes))}`,
  };
}
