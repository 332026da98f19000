import type { Address } from 'viem';
import { addHistograms, effectiveNumber, gini, quantile } from './statistics.ts';
import { bucketBlocks, type Summary } from './summary.ts';
import type { MetricsView, MetricView } from './views.ts';

/** A day of 12-second blocks. */
export const defaultPeriod = 7_200;
/** Half of what activity is kept of. */
export const longestPeriod = 64 * bucketBlocks;

export type Gas = { readonly total: number; readonly transactions: number };

/**
 * Health of the network as of a summary. Nothing here reads the index.
 *
 * @param block the block that the summary is of
 * @param supply of ASSAY; undefined where the node cannot be asked
 * @param gas of the transactions that brought proofs, of those whose receipts were read
 */
export function metricsOf(
  summary: Summary,
  {
    block,
    period,
    assay,
    supply,
    gas,
  }: {
    readonly block: number | undefined;
    readonly period: number;
    readonly assay: Address;
    readonly supply: bigint | undefined;
    readonly gas: Gas;
  },
): MetricsView {
  const operators = [...summary.operators.values()];
  const rewards = operators.map((operator) => operator.rewards.get(assay) ?? 0n);
  const earned = operators.flatMap((operator, i) => (operator.units > 0 || (rewards[i] as bigint) > 0n ? [Number(rewards[i])] : []));
  const stakes = operators.flatMap(({ stake }) => (stake > 0n ? [Number(stake)] : []));
  const units = operators.map((operator) => operator.units);
  const buckets = Math.max(1, Math.ceil(period / bucketBlocks));
  const now = Math.floor((block ?? 0) / bucketBlocks);
  const activity = (from: number, to: number) => {
    const active = new Set<Address>();
    let [paid, slashes, done] = [0n, 0, 0];
    for (const [number, bucket] of summary.buckets) {
      if (number <= from || number > to) continue;
      for (const operator of bucket.active) active.add(operator);
      paid += bucket.paid;
      slashes += bucket.slashes;
      done += bucket.units;
    }
    return { active, paid, slashes, units: done };
  };
  const current = activity(now - buckets, now);
  const before = activity(now - 2 * buckets, now - buckets);
  const came = [...current.active].filter((operator) => !before.active.has(operator)).length;
  const left = [...before.active].filter((operator) => !current.active.has(operator)).length;
  const either = new Set([...current.active, ...before.active]).size;
  const depths = [...summary.tips.values()];
  const blocks = addHistograms(summary.eager.blocks, summary.optimistic.blocks);
  const seconds = addHistograms(summary.eager.seconds, summary.optimistic.seconds);
  const jobs = [...summary.jobs.values()];
  const span = `the last ${buckets * bucketBlocks} blocks`;
  const metric = (id: string, name: string, value: number | undefined, unit: string, formula: string, about: string): MetricView => ({
    id,
    name,
    value: value === undefined || !Number.isFinite(value) ? null : value,
    unit,
    formula,
    about,
  });
  const ratio = (a: number, b: number): number | undefined => (b === 0 ? undefined : a / b);
  const giniFormula = '(2 sum(i x_i) - (n + 1) S) / (n S), x_1 <= ... <= x_n, S their sum';

  return {
    block: block ?? null,
    period: buckets * bucketBlocks,
    counts: {
      jobs: jobs.length,
      jobsRunning: jobs.filter(({ over }) => !over).length,
      windows: summary.windows,
      submissions: summary.submissions,
      operators: operators.length,
      operatorsActive: current.active.size,
      checkpoints: summary.checkpoints,
      slashes: summary.slashes,
      audits: summary.audits,
      auditsCompleted: summary.auditsCompleted,
      events: summary.events,
    },
    metrics: [
      metric(
        'gini-rewards',
        'Inequality of rewards',
        gini(earned),
        '0 to 1',
        giniFormula,
        'Over operators with a paid unit or seat: what each earned in ASSAY (worker parts, seats, emission). Pay in other tokens is left out. One person may run several operators: then it is higher in truth.',
      ),
      metric(
        'gini-stake',
        'Inequality of stake',
        gini(stakes),
        '0 to 1',
        giniFormula,
        'Over operators that have any: active and unbonding stake. One person may run several operators.',
      ),
      metric(
        'diversity-work',
        'Effective operators by work',
        effectiveNumber(units),
        'operators',
        '1 / sum(p_i^2), p_i the share of final units',
        'So many operators with equal shares would be as concentrated (inverse Simpson).',
      ),
      metric(
        'diversity-stake',
        'Effective operators by stake',
        effectiveNumber(stakes),
        'operators',
        '1 / sum(p_i^2), p_i the share of stake',
        'So many operators with equal stake would be as concentrated.',
      ),
      metric(
        'churn',
        'Churn',
        ratio(came + left, either),
        'share',
        '(came + left) / operators active in either period',
        `Active in ${span} (a lease, a submission, an attestation, a final window) against as many before: ${came} came, ${left} left, ${current.active.size} were active. Blocks are counted by ${bucketBlocks}.`,
      ),
      metric(
        'token-velocity',
        'Token velocity',
        supply === undefined ? undefined : ratio(Number(current.paid), Number(supply)),
        'supply turned over',
        'ASSAY paid for units and seats in the period / supply now',
        `What settlement moved in ${span}. Transfers beside the contracts are not seen.`,
      ),
      metric(
        'provenance-depth-max',
        'Deepest lineage',
        depths.length === 0 ? undefined : depths.reduce((a, b) => Math.max(a, b), 0),
        'windows',
        'max of the version of every newest checkpoint',
        'Windows from a genesis to a checkpoint that nothing was trained from yet, as the model registry counts them, for each circuit; proved lineages and those by silence apart.',
      ),
      metric(
        'provenance-depth-mean',
        'Mean lineage',
        ratio(
          depths.reduce((a, b) => a + b, 0),
          depths.length,
        ),
        'windows',
        'mean of the version of every newest checkpoint',
        `Over ${depths.length} newest checkpoints.`,
      ),
      ...([0.5, 0.95] as const).flatMap((q) => [
        metric(
          `latency-blocks-p${q * 100}`,
          `Verification latency p${q * 100}`,
          quantile(blocks, q),
          'blocks',
          'nearest rank of final block - submission block',
          'Over all final units. Eager ones are final in the block that submits them: 0, unless their lease was one of several.',
        ),
        metric(
          `latency-seconds-p${q * 100}`,
          `Verification latency p${q * 100}, seconds`,
          quantile(seconds, q),
          'seconds',
          'nearest rank of final time - submission time',
          'By block times, where the node tells them with its logs.',
        ),
        metric(
          `latency-optimistic-p${q * 100}`,
          `Optimistic latency p${q * 100}`,
          quantile(summary.optimistic.blocks, q),
          'blocks',
          'nearest rank of final block - submission block',
          'Of optimistic jobs alone: silence and proofs.',
        ),
      ]),
      metric(
        'slashing-frequency',
        'Slashing frequency',
        ratio(1000 * summary.slashes, summary.submissions),
        'per 1,000 submissions',
        '1000 slashes / submissions',
        `Of all time; ${current.slashes} in ${span}. Faults that nobody looked for are not in it.`,
      ),
      metric(
        'gas-proof',
        'Gas of a proof',
        ratio(gas.total, gas.transactions),
        'gas',
        'gas of the transactions that brought proofs / their number',
        `Of the ${gas.transactions} whose receipts were read so far: ${gas.total} gas in all.`,
      ),
      metric(
        'fees-burned',
        'Fees burned',
        Number(summary.feeBurned) / 1e18,
        'ASSAY',
        'sum of UnitPaid.feeBurned',
        'Burned for final units, since the deployment. Burned stake is not in it.',
      ),
      metric(
        'emitted',
        'Emitted',
        Number(summary.emitted) / 1e18,
        'ASSAY',
        'sum of UnitPaid.emitted',
        'Minted for final units, since the deployment.',
      ),
    ],
    rewards: [...summary.operators]
      .map(([operator, { rewards: byToken, units: done }]) => ({ operator, amount: byToken.get(assay) ?? 0n, units: done }))
      .filter(({ amount, units: done }) => amount > 0n || done > 0)
      .sort((a, b) => (a.amount === b.amount ? 0 : a.amount < b.amount ? 1 : -1))
      .slice(0, 50)
      .map(({ operator, amount, units: done }) => ({ operator, amount: String(amount), units: done })),
  };
}
