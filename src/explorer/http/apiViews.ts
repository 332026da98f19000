import { z } from 'zod';
import type { Explorer } from '../explorer.ts';
import * as views from '../views.ts';
import { failureView } from './failureView.ts';

// Names of the shapes in the OpenAPI document.
const names = {
  Failure: failureView,
  Status: views.statusView,
  Metric: views.metricView,
  Metrics: views.metricsView,
  Recompute: views.recomputeView,
  Hit: views.hitView,
  Search: views.searchView,
  Place: views.placeView,
  Token: views.tokenView,
  Fact: views.factView,
  JobRow: views.jobRow,
  Job: views.jobView,
  Circuit: views.circuitView,
  WindowRow: views.windowRow,
  Window: views.windowView,
  CurvePoint: views.curvePoint,
  Curve: views.curveView,
  ProofRow: views.proofRow,
  Proof: views.proofView,
  Seat: views.seatView,
  Slash: views.slashRow,
  Event: views.eventRow,
  NodeRow: views.nodeRow,
  Node: views.nodeView,
  CheckpointRow: views.checkpointRow,
  Checkpoint: views.checkpointView,
  LineageNode: views.lineageNode,
  Lineage: views.lineageView,
  AuditRow: views.auditRow,
  Audit: views.auditView,
  Transaction: views.transactionView,
} as const;
for (const [id, schema] of Object.entries(names)) z.globalRegistry.add(schema, { ...schema.meta(), id });

/** One view over HTTP. */
export type ApiView = {
  /** Of the OpenAPI document: `/jobs/{id}`. */
  readonly path: string;
  readonly method: 'get' | 'post';
  readonly summary: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly response: z.ZodType;
  readonly read: (sources: ApiSources, params: never, query: never) => Promise<unknown>;
};

export type ApiSources = { readonly explorer: Explorer; readonly recompute: () => Promise<views.RecomputeView> };

type Parsed<T> = T extends z.ZodObject ? z.infer<T> : Record<never, never>;

function view<P extends z.ZodObject | undefined = undefined, Q extends z.ZodObject | undefined = undefined>(
  path: string,
  summary: string,
  response: z.ZodType,
  read: (sources: ApiSources, params: Parsed<P>, query: Parsed<Q>) => Promise<unknown>,
  takes: { readonly params?: P; readonly query?: Q; readonly method?: 'get' | 'post' } = {},
): ApiView {
  const { params, query, method = 'get' } = takes;
  return { path, method, summary, response, read, ...(params === undefined ? {} : { params }), ...(query === undefined ? {} : { query }) };
}

const text = (about: string) => z.string().max(200).meta({ description: about });
const job = z.object({ id: text('number of the job') });
const byId = z.object({ id: text('0x and 64 hex digits') });
const paging = views.pageQuery;
const filter = (about: string) => text(about).optional();
const flag = z.enum(['true', 'false']).optional();

/** Every view, in the order of the document. Ids are checked where they are read: one rule for command line, web and library. */
export const apiViews: readonly ApiView[] = [
  view('/status', 'What is indexed, and how far it is behind the chain', views.statusView, ({ explorer }) => explorer.status()),
  view('/metrics', 'Health of the network', views.metricsView, ({ explorer }, _, query) => explorer.metrics(query), {
    query: z.object({ period: z.coerce.number().int().min(1).max(100_000_000).optional() }),
  }),
  view(
    '/metrics/recompute',
    'Read the logs again from the chain and compare; once a minute for everybody together',
    views.recomputeView,
    ({ recompute }) => recompute(),
    {
      method: 'post',
    },
  ),
  view(
    '/search',
    'Find a job, window, address, or any id by its first digits',
    views.searchView,
    ({ explorer }, _, { q }) => explorer.search(q),
    {
      query: z.object({ q: text('what is looked for') }),
    },
  ),
  view('/jobs', 'Jobs, newest first', views.pageOf(views.jobRow), ({ explorer }, _, query) => explorer.jobs(query), {
    query: paging.extend({ requester: filter('address'), modelId: filter('id of the model') }),
  }),
  view('/jobs/{id}', 'A job: terms, progress, payouts', views.jobView, ({ explorer }, { id }) => explorer.job(id), { params: job }),
  view(
    '/jobs/{id}/windows',
    'Final windows of a job, in order',
    views.pageOf(views.windowRow),
    ({ explorer }, { id }, { newestFirst, ...query }) => explorer.windows(id, { ...query, newestFirst: newestFirst === 'true' }),
    { params: job, query: paging.extend({ newestFirst: flag }) },
  ),
  view(
    '/jobs/{id}/curve',
    'Loss, accuracy, gas and pay over the windows of a job',
    views.curveView,
    ({ explorer }, { id }) => explorer.curve(id),
    {
      params: job,
    },
  ),
  view(
    '/jobs/{id}/windows/{index}',
    'A window: its leases and what became of them',
    views.windowView,
    ({ explorer }, { id, index }) => explorer.window(id, index),
    {
      params: job.extend({
        index: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).meta({ description: 'number of the window, from 0' }),
      }),
    },
  ),
  view('/proofs', 'Submissions, newest first', views.pageOf(views.proofRow), ({ explorer }, _, query) => explorer.proofs(query), {
    query: paging.extend({ jobId: filter('number of a job'), operator: filter('address') }),
  }),
  view(
    '/proofs/{id}',
    'A submission and its proof, in words and word by word',
    views.proofView,
    ({ explorer }, { id }) => explorer.proof(id),
    {
      params: byId,
    },
  ),
  view('/nodes', 'Operators, newest first', views.pageOf(views.nodeRow), ({ explorer }, _, query) => explorer.nodes(query), {
    query: paging,
  }),
  view(
    '/nodes/{operator}',
    'An operator: stake, reputation, work',
    views.nodeView,
    ({ explorer }, { operator }) => explorer.node(operator),
    {
      params: z.object({ operator: text('address') }),
    },
  ),
  view(
    '/slashes',
    'Slashes with their evidence, newest first',
    views.pageOf(views.slashRow),
    ({ explorer }, _, query) => explorer.slashes(query),
    {
      query: paging.extend({ operator: filter('address') }),
    },
  ),
  view(
    '/seats',
    'Attestations of validators, newest first',
    views.pageOf(views.seatView),
    ({ explorer }, _, query) => explorer.seats(query),
    {
      query: paging.extend({ operator: filter('address'), submissionId: filter('id of a submission') }),
    },
  ),
  view(
    '/checkpoints',
    'Checkpoints that windows ended in, newest first',
    views.pageOf(views.checkpointRow),
    ({ explorer }, _, query) => explorer.checkpoints(query),
    { query: paging.extend({ jobId: filter('number of a job'), circuitId: filter('id of a circuit') }) },
  ),
  view('/checkpoints/{id}', 'A checkpoint', views.checkpointView, ({ explorer }, { id }) => explorer.checkpoint(id), { params: byId }),
  view(
    '/checkpoints/{id}/lineage',
    'Where a checkpoint comes from, part by part',
    views.lineageView,
    ({ explorer }, { id }, query) => explorer.lineage(id, query),
    {
      params: byId,
      query: z.object({
        cursor: z.string().max(2_000).optional(),
        depth: z.coerce.number().int().min(1).max(200).optional(),
        circuitId: filter('id of a circuit'),
      }),
    },
  ),
  view('/audits', 'Audits, newest first', views.pageOf(views.auditRow), ({ explorer }, _, query) => explorer.audits(query), {
    query: paging.extend({ checkpointId: filter('id of a checkpoint'), setId: filter('id of a set') }),
  }),
  view('/audits/{id}', 'An audit: set, draw, counts, claims', views.auditView, ({ explorer }, { id }) => explorer.audit(id), {
    params: byId,
  }),
  view('/circuits/{id}', 'A circuit', views.circuitView, ({ explorer }, { id }) => explorer.circuit(id), { params: byId }),
  view(
    '/transactions/{hash}',
    'A transaction: what it called, what the contracts said',
    views.transactionView,
    ({ explorer }, { hash }) => explorer.transaction(hash),
    { params: z.object({ hash: text('0x and 64 hex digits') }) },
  ),
  view(
    '/events',
    'Events of the contracts',
    views.pageOf(views.eventRow),
    ({ explorer }, _, { newestFirst, ...query }) => explorer.events({ ...query, newestFirst: newestFirst !== 'false' }),
    {
      query: paging.extend({
        name: filter('name of an event'),
        jobId: filter('number of a job'),
        submissionId: filter('id of a submission'),
        operator: filter('address'),
        checkpointId: filter('id of a checkpoint'),
        newestFirst: flag,
      }),
    },
  ),
];
