import { html } from 'hono/html';
import type { RecomputeView } from '../../views.ts';
import { amountOf } from '../amountOf.ts';
import { badge } from '../badge.ts';
import { card } from '../card.ts';
import { counts, health } from '../figures.ts';
import type { Html } from '../html.ts';
import { idOf } from '../idOf.ts';
import type { Page } from '../layout.ts';
import { number } from '../number.ts';
import type { PageRequest } from '../pageRequest.ts';
import { paths } from '../paths.ts';
import { table } from '../table.ts';

/** Health of the network, with formulas, and the check against the chain. @param checked what the check found, where it was asked for */
export async function metricsPage({ explorer }: PageRequest, checked?: RecomputeView): Promise<Page> {
  const metrics = await explorer.metrics();
  return {
    title: 'Metrics',
    heading: 'Health of the network',
    lead: html`Each figure with its formula${metrics.block === null ? '' : html`, as of block ${number(metrics.block)}; what is of a period, of the last ${number(metrics.period)} blocks`}.`,
    content: html`${card(
      'recompute',
      'Recompute from the chain',
      html`<p>These figures come from an index. The check reads the logs again from the chain, without the index, and compares. It runs at most once a minute, for everybody together.</p>
${checked === undefined ? '' : outcome(checked)}
<form method="post" action="/metrics/recompute"><button type="submit" class="primary">Recompute from the chain</button></form>`,
    )}
${counts(metrics)}${health(metrics, false)}
${card(
  'rewards',
  'Who earned what',
  table(
    'Operators by what they earned in ASSAY',
    [{ label: 'Operator' }, { label: 'Units', number: true }, { label: 'Earned', number: true }],
    metrics.rewards.map(({ operator, units, amount }) => [
      idOf(operator, 'operator', paths.node(operator)),
      number(units),
      amountOf(amount),
    ]),
    'Nobody has earned anything yet.',
  ),
)}`,
  };
}

function outcome({ equal, block, hash, logs, seconds, pairs }: RecomputeView): Html {
  return html`<div class="alert ${equal ? 'good' : 'bad'}" role="status"><p>${equal ? 'Equal' : 'Not equal'}: ${number(logs)} logs up to block ${number(block)} (${idOf(hash, 'block hash')}) were read again in ${number(Math.round(seconds * 100) / 100)} s.</p></div>
${table(
  'The index beside the chain',
  [{ label: 'Figure' }, { label: 'Index', number: true }, { label: 'Chain', number: true }, { label: 'Same' }],
  pairs.map((pair) => [pair.name, pair.indexed, pair.chain, pair.equal ? badge('equal', 'good') : badge('differs', 'bad')]),
  'Nothing to compare.',
)}`;
}
