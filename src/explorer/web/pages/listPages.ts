import { html } from 'hono/html';
import type { Explorer, Paging } from '../../explorer.ts';
import type { PageView } from '../../views.ts';
import { card } from '../card.ts';
import type { Html } from '../html.ts';
import { listed, type MakePage } from '../pageRequest.ts';
import { pager } from '../pager.ts';
import { auditsTable, checkpointsTable, eventsTable, jobsTable, nodesTable, proofsTable, slashesTable } from '../rows.ts';

type List<T> = {
  readonly path: string;
  readonly title: string;
  readonly lead: string;
  /** Query parameters that narrow the list. */
  readonly by: readonly string[];
  readonly read: (explorer: Explorer, query: Paging & Readonly<Record<string, unknown>>) => Promise<PageView<T>>;
  readonly show: (rows: readonly T[]) => Html;
};

/** A page with one list, newest first, page by page. */
function listPage<T>({ path, title, lead, by, read, show }: List<T>): MakePage {
  return async ({ explorer, query }) => {
    const narrowed = Object.fromEntries(
      by.flatMap((name) => (query[name] === undefined || query[name] === '' ? [] : [[name, query[name]]])),
    );
    const { cursor } = query;
    const { items, next } = await read(explorer, { ...narrowed, limit: listed, ...(cursor === undefined ? {} : { cursor }) });
    const asked = { ...narrowed, ...(cursor === undefined ? {} : { cursor }) } as Record<string, string>;
    const only = Object.entries(narrowed).map(
      ([name, value]) => html`<p class="muted">Only where ${name} is <code>${value}</code>. <a href="${path}">Show all</a></p>`,
    );
    return { title, heading: title, lead, content: card('list', 'Newest first', html`${only}${show(items)}${pager(path, asked, next)}`) };
  };
}

/** Pages that are lists, by their paths. */
export const listPages: Readonly<Record<string, MakePage>> = {
  '/jobs': listPage({
    path: '/jobs',
    title: 'Jobs',
    lead: 'A job escrows the price of its windows; workers train them, prove them and are paid.',
    by: ['requester', 'modelId'],
    read: (explorer, query) => explorer.jobs(query),
    show: jobsTable,
  }),
  '/proofs': listPage({
    path: '/proofs',
    title: 'Proofs',
    lead: 'Everything that workers handed in, and what became of it.',
    by: ['jobId', 'operator'],
    read: (explorer, query) => explorer.proofs(query),
    show: proofsTable,
  }),
  '/checkpoints': listPage({
    path: '/checkpoints',
    title: 'Checkpoints',
    lead: "A checkpoint is a model's weights at one point, named by their commitment. Each of these came from another by a window.",
    by: ['jobId', 'circuitId'],
    read: (explorer, query) => explorer.checkpoints(query),
    show: checkpointsTable,
  }),
  '/nodes': listPage({
    path: '/nodes',
    title: 'Nodes',
    lead: 'Operators that registered: what they have at stake, what they earned, and how often they were slashed.',
    by: [],
    read: (explorer, query) => explorer.nodes(query),
    show: nodesTable,
  }),
  '/audits': listPage({
    path: '/audits',
    title: 'Audits',
    lead: 'Facts about models whose weights stay private, counted over committed sets and proved. Draws that were abandoned stay on show.',
    by: ['checkpointId', 'setId'],
    read: (explorer, query) => explorer.audits(query),
    show: auditsTable,
  }),
  '/slashes': listPage({
    path: '/slashes',
    title: 'Slashes',
    lead: 'Stake that was taken, each time on evidence that a contract checked.',
    by: ['operator'],
    read: (explorer, query) => explorer.slashes(query),
    show: slashesTable,
  }),
  '/events': listPage({
    path: '/events',
    title: 'Events',
    lead: 'What the contracts said, word for word.',
    by: ['name', 'jobId', 'submissionId', 'operator', 'checkpointId'],
    read: (explorer, query) => explorer.events({ ...query, newestFirst: true }),
    show: eventsTable,
  }),
};
