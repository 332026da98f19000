import { z } from 'zod';
import { exitCodes } from '../../errors.ts';
import type { MetricsView, RecomputeView } from '../../explorer/views.ts';
import { defineLook } from './defineLook.ts';
import { amountText, numberText, type Sheet } from './sheet.ts';

type Input = { readonly period: number | undefined; readonly recompute: boolean };

/** The text of the network's health. */
function metricsText(view: MetricsView, sheet: Sheet): string {
  const { counts } = view;
  const parts = [
    sheet.title(view.block === null ? 'nothing indexed yet' : `at block ${view.block}, over ${view.period} blocks`),
    sheet.facts([
      ['jobs', `${counts.jobs}, ${counts.jobsRunning} of them running`],
      ['windows', `${counts.windows} final of ${counts.submissions} submissions`],
      ['operators', `${counts.operators}, ${counts.operatorsActive} of them active`],
      ['checkpoints', String(counts.checkpoints)],
      ['slashes', String(counts.slashes)],
      ['audits', `${counts.audits}, ${counts.auditsCompleted} of them completed`],
      ['events', String(counts.events)],
    ]),
    '',
    sheet.table(
      ['metric', 'value', 'unit', ''],
      view.metrics.map(({ name, value, unit, about }) => [name, numberText(value), unit, about]),
    ),
  ];
  if (view.rewards.length > 0) {
    const rows = view.rewards.slice(0, 10).map(({ operator, amount, units }) => [sheet.id(operator), amountText(amount), String(units)]);
    parts.push('', sheet.title('earned most'), sheet.table(['operator', 'earned', 'units'], rows));
  }
  return parts.join('\n');
}

/** The text of what was computed anew. */
function recomputeText(view: RecomputeView, sheet: Sheet): string {
  const rows = view.pairs.map((pair) => [pair.name, pair.indexed, pair.chain, sheet.state(pair.equal ? 'equal' : 'no')]);
  const verdict = view.equal ? 'the index says what the chain says' : 'THE INDEX DIFFERS FROM THE CHAIN: --rebuild reads it anew';
  return [
    sheet.title(`at block ${view.block}, from ${view.logs} logs in ${view.seconds.toFixed(1)} s`),
    sheet.table(['number', 'index', 'chain', ''], rows),
    '',
    verdict,
  ].join('\n');
}

export const exploreMetrics = defineLook<Input, MetricsView | RecomputeView>({
  name: 'explore metrics',
  summary: 'health of the network; --recompute compares the index with the chain',
  description:
    'Concentration of rewards, diversity, churn, velocity, depth of provenance, latency of verification, frequency of slashes, each with its formula and what it ' +
    'does not tell. --recompute takes the headline numbers from the logs of the node, without the index, and compares; exit code 1 where they differ.',
  options: {
    period: {
      flags: '--period <blocks>',
      description: 'blocks that churn, velocity and slashing are of (default 7200)',
      schema: z.coerce.number().int().min(1).optional(),
    },
    recompute: {
      flags: '--recompute',
      description: 'compute the headline numbers anew from the chain',
      schema: z.boolean().default(false),
    },
  },
  examples: ['assay explore metrics', 'assay explore metrics --recompute', 'assay explore metrics --period 1000 --json'],
  look: (explorer, { period, recompute }, { progress }) =>
    recompute ? progress.step('compute from the chain', () => explorer.recompute()) : explorer.metrics({ period }),
  text: (view, sheet) => ('pairs' in view ? recomputeText(view, sheet) : metricsText(view, sheet)),
  path: () => '/metrics',
  exitCode: (view) => ('pairs' in view && !view.equal ? exitCodes.failure : exitCodes.ok),
});
