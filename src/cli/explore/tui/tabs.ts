import type { Explorer } from '../../../explorer/explorer.ts';
import type { HitView } from '../../../explorer/views.ts';
import { amountText, numberText, shortId } from '../sheet.ts';

/** What Enter opens: something that the index knows, or a text that is there already. */
export type Target = Pick<HitView, 'type' | 'id'> | { readonly type: 'text'; readonly id: string; readonly text: string };

export type Row = {
  readonly key: string;
  readonly cells: readonly string[] /** The cell that is a state. */;
  readonly state?: number;
  readonly target: Target;
};
export type Listing = { readonly heading: readonly string[]; readonly rows: readonly Row[]; readonly more: boolean };

/** One list of the live view. */
export type Tab = { readonly name: string; readonly load: (explorer: Explorer) => Promise<Listing>; readonly none: string };

/** So much is loaded at once: a live view shows what is new, lists are for the commands. */
const limit = 100;

/** At most four decimals: rows are short. The detail has it all. */
const brief = (amount: string): string => amount.replace(/(\.\d{4})\d+/, '$1');

export const tabs: readonly Tab[] = [
  {
    name: 'Jobs',
    none: 'no jobs yet',
    async load(explorer) {
      const { items, next } = await explorer.jobs({ limit });
      const rows = items.map((job) => ({
        key: job.id,
        state: 1,
        cells: [
          job.id,
          job.state,
          `${job.finalized} of ${job.windows}`,
          job.mode,
          brief(amountText(job.paid, job.token)),
          shortId(job.requester),
        ],
        target: { type: 'job' as const, id: job.id },
      }));
      return { heading: ['job', 'state', 'final', 'mode', 'paid', 'requester'], rows, more: next !== null };
    },
  },
  {
    name: 'Windows',
    none: 'no submissions yet',
    async load(explorer) {
      const { items, next } = await explorer.proofs({ limit });
      const rows = items.map((proof) => ({
        key: proof.submissionId,
        state: 3,
        cells: [
          shortId(proof.submissionId),
          proof.jobId,
          String(proof.window),
          proof.state,
          shortId(proof.operator),
          String(proof.submitted.block),
        ],
        target: { type: 'proof' as const, id: proof.submissionId },
      }));
      return { heading: ['submission', 'job', 'window', 'state', 'operator', 'block'], rows, more: next !== null };
    },
  },
  {
    name: 'Nodes',
    none: 'no operators yet',
    async load(explorer) {
      const { items, next } = await explorer.nodes({ limit });
      const rows = items.map((node) => ({
        key: node.operator,
        cells: [shortId(node.operator), String(node.units), brief(amountText(node.stake)), String(node.seats), String(node.slashes)],
        target: { type: 'node' as const, id: node.operator },
      }));
      return { heading: ['operator', 'units', 'stake', 'seats', 'slashes'], rows, more: next !== null };
    },
  },
  {
    name: 'Slashes',
    none: 'nobody was slashed',
    async load(explorer) {
      const { items, next } = await explorer.slashes({ limit });
      const rows = items.map((slash) => ({
        key: `${slash.at.transaction} ${slash.operator} ${slash.submissionId}`,
        state: 2,
        cells: [
          String(slash.at.block),
          shortId(slash.operator),
          slash.reason,
          brief(amountText(slash.burned)),
          shortId(slash.submissionId),
        ],
        target: { type: 'proof' as const, id: slash.submissionId },
      }));
      return { heading: ['block', 'slashed', 'for', 'burned', 'submission'], rows, more: next !== null };
    },
  },
  {
    name: 'Health',
    none: 'nothing indexed yet',
    async load(explorer) {
      const { metrics, counts, period } = await explorer.metrics();
      const counted = Object.entries(counts).map(([name, value]) => ({
        key: `count ${name}`,
        cells: [name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`), String(value), ''],
        target: { type: 'text' as const, id: name, text: `${name}: ${value}` },
      }));
      const measured = metrics.map((metric) => ({
        key: metric.id,
        cells: [metric.name, numberText(metric.value), metric.unit],
        target: {
          type: 'text' as const,
          id: metric.name,
          text: `${metric.name}: ${numberText(metric.value, 8)} ${metric.unit}\n\n${metric.formula}\n\n${metric.about}\n\nover ${period} blocks`,
        },
      }));
      return { heading: ['metric', 'value', 'unit'], rows: [...measured, ...counted], more: false };
    },
  },
];
