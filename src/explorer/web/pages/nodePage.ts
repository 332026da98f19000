import { html } from 'hono/html';
import { amountOf } from '../amountOf.ts';
import { badge } from '../badge.ts';
import { card } from '../card.ts';
import { facts } from '../facts.ts';
import { idOf } from '../idOf.ts';
import type { Page } from '../layout.ts';
import { number } from '../number.ts';
import { listed, type PageRequest } from '../pageRequest.ts';
import { pager } from '../pager.ts';
import { paths } from '../paths.ts';
import { proofsTable, slashesTable } from '../rows.ts';
import { table } from '../table.ts';
import { when } from '../when.ts';

/** An operator: what stands behind its work, what it earned, and what it was slashed for. */
export async function nodePage({ explorer, params, query }: PageRequest): Promise<Page> {
  const node = await explorer.node(params['operator'] ?? '');
  const { operator, now } = node;
  const { cursor } = query;
  const [slashes, proofs, seats] = await Promise.all([
    explorer.slashes({ operator, limit: 100 }),
    explorer.proofs({ operator, limit: listed, ...(cursor === undefined ? {} : { cursor }) }),
    explorer.seats({ operator, limit: 10 }),
  ]);
  const jailed = now !== null && now.jailedUntil > now.block;
  return {
    title: `Node ${operator.slice(0, 10)}`,
    heading: 'Node',
    beside: html`${node.hotKey === null ? badge('not registered', 'warn') : badge('registered', 'good')}${jailed ? badge('jailed') : ''}${node.slashes > 0 ? badge(node.slashes === 1 ? 'slashed once' : `slashed ${node.slashes} times`, 'bad') : ''}`,
    crumbs: [['Nodes', '/nodes']],
    lead: idOf(operator, 'operator'),
    content: html`<div class="columns">
${card(
  'stake',
  'Stake and reputation',
  now === null
    ? html`<p>The chain does not answer; by the events it has ${amountOf(node.stake)} at stake.</p>`
    : facts([
        ['At stake', amountOf(now.active)],
        ['Of that, locked by bonds', amountOf(now.locked)],
        ['Leaving', now.unbonding === '0' ? amountOf('0') : html`${amountOf(now.unbonding)}, free at block ${number(now.releaseBlock)}`],
        ['Jailed', jailed ? `until block ${number(now.jailedUntil)}` : 'no'],
        ['Reputation', amountOf(now.reputation, { symbol: 'points', decimals: 18 })],
        ['Bond factor', html`${number(now.factor / 10_000)} <span class="muted">(1 is a newcomer’s; more means smaller bonds)</span>`],
        ['Weight in the draw of validators', now.weight === '0' ? 'none: it is not enrolled' : amountOf(now.weight)],
      ]),
)}
${card(
  'work',
  'Work',
  facts([
    ['Paid units', number(node.units)],
    [
      'Earned',
      node.rewards.length === 0 ? 'nothing yet' : node.rewards.map(({ amount, token }) => html`<div>${amountOf(amount, token)}</div>`),
    ],
    ['Seats as validator', number(node.seats)],
    ['Rejected', number(node.rejected)],
    ['Leases that lapsed', number(node.lapses)],
    ['Fees burned by its units', amountOf(node.feeBurned)],
    ['New tokens for its units', amountOf(node.emitted)],
    ['Registered', when(node.registered)],
    ['Last active', node.lastActive === null ? undefined : `block ${number(node.lastActive)}`],
    ['Hot keys', node.hotKeys.map(({ hotKey, at }) => html`<div>${idOf(hotKey, 'hot key')}, ${when(at)}</div>`)],
  ]),
)}
</div>
${card('slashes', 'Slashes, with the evidence', slashesTable(slashes.items))}
${card('proofs', 'What it handed in', html`${proofsTable(proofs.items)}${pager(paths.node(operator), query, proofs.next, '#proofs')}`)}
${
  seats.items.length === 0
    ? ''
    : card(
        'seats',
        'Latest attestations',
        table(
          'Attestations',
          [{ label: 'Submission' }, { label: 'Seat', number: true }, { label: 'State' }, { label: 'Committed' }],
          seats.items.map((seat) => [
            idOf(seat.submissionId, 'submission id', paths.proof(seat.submissionId)),
            number(seat.seat),
            badge(seat.state),
            when(seat.committed),
          ]),
          'None.',
        ),
      )
}`,
  };
}
