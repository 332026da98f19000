import { html } from 'hono/html';
import type { AuditView } from '../../views.ts';
import { badge } from '../badge.ts';
import { card } from '../card.ts';
import { facts } from '../facts.ts';
import type { Html } from '../html.ts';
import { idOf } from '../idOf.ts';
import type { Page } from '../layout.ts';
import { number } from '../number.ts';
import type { PageRequest } from '../pageRequest.ts';
import { paths } from '../paths.ts';
import { eventsTable } from '../rows.ts';
import { sentence } from '../sentence.ts';
import { table } from '../table.ts';
import { userText } from '../userText.ts';
import { when } from '../when.ts';

/** An audit: what was counted, over which set, how it was drawn, and what became of other draws. */
export async function auditPage({ explorer, params }: PageRequest): Promise<Page> {
  const audit = await explorer.audit(params['id'] ?? '');
  const { set, drawn, tally } = audit;
  const abandoned = tally.opened - tally.completed;
  return {
    title: `Audit ${audit.id.slice(0, 10)}`,
    heading: 'Audit',
    beside: badge(audit.state),
    crumbs: [['Audits', '/audits']],
    lead: idOf(audit.id, 'audit id'),
    content: html`${card('words', 'What it says', html`<div class="words">${audit.text.map((text) => html`<p>${sentence(text)}</p>`)}</div>`)}
${abandoned > 0 && audit.draws > 0 ? html`<div class="alert"><p>Of the audits that were opened over this set, ${number(abandoned)} ${abandoned === 1 ? 'was' : 'were'} never completed: whoever opens until a draw pleases leaves such a trace.</p></div>` : ''}
${audit.wellFormed ? '' : html`<div class="alert bad"><p>The checkpoint is not shown to be well-formed under the circuit that the audit names: nothing is certified before it is, since huge hidden weights can be made to fit any samples.</p></div>`}
${set === null ? '' : countsPart(audit, set)}
<div class="columns">
${card(
  'facts',
  'Model and order',
  facts([
    ['Checkpoint', idOf(audit.checkpointId, 'checkpoint id', paths.checkpoint(audit.checkpointId))],
    ['Circuit', idOf(audit.circuitId, 'circuit id', paths.circuit(audit.circuitId))],
    ['Opened by', idOf(audit.opener, 'address', paths.node(audit.opener))],
    ['Opened', when(audit.opened)],
    ['Chunks proved', html`${number(audit.chunks.proved)} of ${number(audit.chunks.wanted)}`],
    ['Completed', audit.completed === null ? 'not yet' : when(audit.completed)],
    ['Well-formed by', idOf(audit.wellFormedCircuitId, 'circuit id', paths.circuit(audit.wellFormedCircuitId))],
  ]),
)}
${card(
  'set',
  'The set and the draw',
  set === null
    ? html`<p>The set ${idOf(audit.setId, 'set id')} is not registered.</p>`
    : facts([
        ['Set', idOf(audit.setId, 'set id', `/audits?setId=${encodeURIComponent(audit.setId)}`)],
        ['Owner', idOf(audit.setOwner, 'address', paths.node(audit.setOwner))],
        ['Root', idOf(set.root, 'root')],
        [
          'Size',
          html`${number(set.samples)} samples in ${number(set.chunks)} chunks, ${number(set.classes)} classes, ${number(set.groups)} ${set.groups === 1 ? 'group' : 'groups'}`,
        ],
        ['Registered', set.registered.map(({ owner, at }) => html`<div>${when(at)} by ${idOf(owner, 'address', paths.node(owner))}</div>`)],
        [
          'Chosen',
          audit.draws === 0
            ? 'the whole set'
            : html`${number(audit.draws)} draws${drawn === null ? ', not made yet' : html` by the hash of a later block, ${when(drawn.at)}`}`,
        ],
        ['Chunks drawn', drawn === null || audit.draws === 0 ? undefined : drawn.wanted.map((chunk) => number(chunk)).join(', ')],
        ['Audits of this set', html`${number(tally.opened)} opened, ${number(tally.completed)} completed`],
      ]),
)}
</div>
${card(
  'chunks',
  'Chunks proved',
  table(
    'Chunks, in the order in which they were proved',
    [{ label: 'Chunk' }, { label: 'Mask' }, { label: 'Samples', number: true }, { label: 'Proved' }],
    audit.proved.map(({ chunk, maskId, counts, at }) => [
      `Chunk ${number(chunk)}`,
      idOf(maskId, 'mask id'),
      counts === null ? '–' : number(counts.reduce((sum, count) => sum + BigInt(count), 0n)),
      when(at),
    ]),
    'None yet.',
  ),
)}
${
  audit.claims.length === 0
    ? ''
    : card(
        'claims',
        'Claims',
        table(
          'What was claimed of this audit',
          [{ label: 'Claim' }, { label: 'State' }, { label: 'Says' }, { label: 'Bound', number: true }, { label: 'When' }],
          audit.claims.map((claim) => [
            html`${claim.id}: ${claim.kind}`,
            claim.disputes.length === 0 ? badge('undisputed', 'good') : badge('disputed'),
            html`${userText(claim.text)}${claim.disputes.map(
              ({ auditId, disputer, at }) =>
                html`<div class="muted">Contradicted by audit ${idOf(auditId, 'audit id', paths.audit(auditId))}, shown by ${idOf(disputer, 'address', paths.node(disputer))}, ${when(at)}</div>`,
            )}`,
            `${number(BigInt(claim.numerator))} of ${number(BigInt(claim.denominator))}`,
            when(claim.at),
          ]),
          'None.',
        ),
      )
}
${card('events', 'What happened', eventsTable(audit.events))}`,
  };
}

/** The counts: for each group a table of what was true and what was answered. */
function countsPart({ counts, thresholds, reliability, state }: AuditView, { classes, groups }: NonNullable<AuditView['set']>): Html {
  if (counts === null || thresholds === null)
    return card(
      'counts',
      'Counts',
      html`<p class="note">The shape of the audit’s circuit is not known here, so its counts cannot be read.</p>`,
    );
  // Where answers are told apart by their margins, too, each entry is of so many bins.
  const bins = thresholds.length + 1;
  const at = (group: number, label: number, answer: number): bigint => {
    const first = ((group * classes + label) * classes + answer) * bins;
    return counts.slice(first, first + bins).reduce((sum, count) => sum + BigInt(count), 0n);
  };
  const range = (length: number): number[] => Array.from({ length }, (_, i) => i);
  const tables = range(groups).map((group) => {
    const all = range(classes).flatMap((label) => range(classes).map((answer) => at(group, label, answer)));
    const total = all.reduce((sum, count) => sum + count, 0n);
    const right = range(classes).reduce((sum, label) => sum + at(group, label, label), 0n);
    const name = groups === 1 ? 'All samples' : `Group ${group}`;
    return html`<h3>${name}: ${number(right)} of ${number(total)} right${total === 0n ? '' : ` (${number(Number((right * 10_000n) / total) / 100)} %)`}</h3>
<div class="table" tabindex="0" role="region" aria-label="${name}, counts"><table class="counts"><caption>Rows are the true class, columns the answer</caption><thead><tr><th scope="col">Class</th>${range(classes).map((answer) => html`<th scope="col">${answer}</th>`)}<th scope="col">Recall</th></tr></thead><tbody>${range(
      classes,
    ).map((label) => {
      const row = range(classes).reduce((sum, answer) => sum + at(group, label, answer), 0n);
      return html`<tr><th scope="row">${label}</th>${range(classes).map((answer) => {
        const count = at(group, label, answer);
        return html`<td class="${label === answer ? 'hit' : count > 0n ? 'miss' : ''}">${number(count)}</td>`;
      })}<td>${row === 0n ? '–' : `${number(Number((at(group, label, label) * 10_000n) / row) / 100)} %`}</td></tr>`;
    })}</tbody></table></div>`;
  });
  const byMargin =
    reliability === null
      ? ''
      : html`<h3>By margin</h3><p class="note">The margin is the logit of the answer minus the largest of the others’, in the circuit’s integers.</p>
${table(
  'Right answers by margin, the least sure first',
  [{ label: 'Margin from' }, { label: 'Right', number: true }, { label: 'Answers', number: true }, { label: 'Share', number: true }],
  reliability.map(({ right, samples }, bin) => [
    number(bin === 0 ? 0 : (thresholds[bin - 1] as number)),
    number(BigInt(right)),
    number(BigInt(samples)),
    samples === '0' ? '–' : `${number(Number((BigInt(right) * 10_000n) / BigInt(samples)) / 100)} %`,
  ]),
  'None.',
)}`;
  return card(
    'counts',
    'Counts',
    html`${state === 'completed' ? '' : html`<p class="note">Of the chunks that are proved so far.</p>`}${tables}${byMargin}`,
  );
}
