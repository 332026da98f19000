import { z } from 'zod';
import type { Explorer } from '../explorer.ts';
import * as views from '../views.ts';
import { failureView } from './failureView.ts';

/** What the API answers with, by the names of the OpenAPI document. */
export const shapes = {
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
  Circuit: views.circuitView,
  JobRow: views.jobRow,
  JobPage: views.pageOf(views.jobRow),
  Job: views.jobView,
  WindowRow: views.windowRow,
  WindowPage: views.pageOf(views.windowRow),
  Window: views.windowView,
  CurvePoint: views.curvePoint,
  Curve: views.curveView,
  ProofRow: views.proofRow,
  ProofPage: views.pageOf(views.proofRow),
  Proof: views.proofView,
  Seat: views.seatView,
  SeatPage: views.pageOf(views.seatView),
  Slash: views.slashRow,
  SlashPage: views.pageOf(views.slashRow),
  Event: views.eventRow,
  EventPage: views.pageOf(views.eventRow),
  NodeRow: views.nodeRow,
  NodePage: views.pageOf(views.nodeRow),
  Node: views.nodeView,
  CheckpointRow: views.checkpointRow,
  CheckpointPage: views.pageOf(views.checkpointRow),
  Checkpoint: views.checkpointView,
  LineageNode: views.lineageNode,
  Lineage: views.lineageView,
  AuditRow: views.auditRow,
  AuditPage: views.pageOf(views.auditRow),
  Audit: views.auditView,
  Transaction: views.transactionView,
  Json: views.jsonValue,
} as const;
export type ShapeName = keyof typeof shapes;

/** One view over HTTP. */
export type ApiView = {
  /** Of the OpenAPI document: `/jobs/{id}`. */
  readonly path: string;
  readonly method: 'get' | 'post';
  readonly summary: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly response: ShapeName;
  readonly read: (sources: ApiSources, params: never, query: never) => Promise<unknown>;
};

export type ApiSources = { readonly explorer: Explorer; readonly recompute: () => Promise<views.RecomputeView> };

type Parsed<T> = T extends z.ZodObject ? z.infer<T> : Record<never, never>;

function view<P extends z.ZodObject | undefined = undefined, Q extends z.ZodObject | undefined = undefined>(
  path: string,
  summary: string,
  response: ShapeName,
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
  view('/status', 'What is indexed, and how far it is behind the chain', 'Status', ({ explorer }) => explorer.status()),
  view('/metrics', 'Health of the network', 'Metrics', ({ explorer }, _, query) => explorer.metrics(query), {
    query: z.object({ period: z.coerce.number().int().min(1).max(100_000_000).optional() }),
  }),
  view(
    '/metrics/recompute',
    'Read the logs again from the chain and compare; once a minute for everybody together',
    'Recompute',
    ({ recompute }) => recompute(),
    {
      method: 'post',
    },
  ),
  view('/search', 'Find a job, window, address, or any id by its first digits', 'Search', ({ explorer }, _, { q }) => explorer.search(q), {
    query: z.object({ q: text('what is looked for') }),
  }),
  view('/jobs', 'Jobs, newest first', 'JobPage', ({ explorer }, _, query) => explorer.jobs(query), {
    query: paging.extend({ requester: filter('address'), modelId: filter('id of the model') }),
  }),
  view('/jobs/{id}', 'A job: terms, progress, payouts', 'Job', ({ explorer }, { id }) => explorer.job(id), { params: job }),
  view(
    '/jobs/{id}/windows',
    'Final windows of a job, in order',
    'WindowPage',
    ({ explorer }, { id }, { newestFirst, ...query }) => explorer.windows(id, { ...query, newestFirst: newestFirst === 'true' }),
    { params: job, query: paging.extend({ newestFirst: flag }) },
  ),
  view('/jobs/{id}/curve', 'Loss, gas and pay over the windows of a job', 'Curve', ({ explorer }, { id }) => explorer.curve(id), {
    params: job,
  }),
  view(
    '/jobs/{id}/windows/{index}',
    'A window: its leases and what became of them',
    'Window',
    ({ explorer }, { id, index }) => explorer.window(id, Number(index)),
    {
      params: job.extend({
        index: z
          .string()
          .regex(/^\d{1,15}$/)
          .meta({ description: 'number of the window, from 0' }),
      }),
    },
  ),
  view('/proofs', 'Submissions, newest first', 'ProofPage', ({ explorer }, _, query) => explorer.proofs(query), {
    query: paging.extend({ jobId: filter('number of a job'), operator: filter('address') }),
  }),
  view('/proofs/{id}', 'A submission and its proof, in words and word by word', 'Proof', ({ explorer }, { id }) => explorer.proof(id), {
    params: byId,
  }),
  view('/nodes', 'Operators, newest first', 'NodePage', ({ explorer }, _, query) => explorer.nodes(query), {
    query: paging,
  }),
  view('/nodes/{operator}', 'An operator: stake, reputation, work', 'Node', ({ explorer }, { operator }) => explorer.node(operator), {
    params: z.object({ operator: text('address') }),
  }),
  view('/slashes', 'Slashes with their evidence, newest first', 'SlashPage', ({ explorer }, _, query) => explorer.slashes(query), {
    query: paging.extend({ operator: filter('address') }),
  }),
  view('/seats', 'Attestations of validators, newest first', 'SeatPage', ({ explorer }, _, query) => explorer.seats(query), {
    query: paging.extend({ operator: filter('address'), submissionId: filter('id of a submission') }),
  }),
  view(
    '/checkpoints',
    'Checkpoints that windows ended in, newest first',
    'CheckpointPage',
    ({ explorer }, _, query) => explorer.checkpoints(query),
    { query: paging.extend({ jobId: filter('number of a job'), circuitId: filter('id of a circuit') }) },
  ),
  view('/checkpoints/{id}', 'A checkpoint', 'Checkpoint', ({ explorer }, { id }) => explorer.checkpoint(id), { params: byId }),
  view(
    '/checkpoints/{id}/lineage',
    'Where a checkpoint comes from, part by part',
    'Lineage',
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
  view('/audits', 'Audits, newest first', 'AuditPage', ({ explorer }, _, query) => explorer.audits(query), {
    query: paging.extend({ checkpointId: filter('id of a checkpoint'), setId: filter('id of a set') }),
  }),
  view('/audits/{id}', 'An audit: set, draw, counts, claims', 'Audit', ({ explorer }, { id }) => explorer.audit(id), {
    params: byId,
  }),
  view('/circuits/{id}', 'A circuit', 'Circuit', ({ explorer }, { id }) => explorer.circuit(id), { params: byId }),
  view(
    '/transactions/{hash}',
    'A transaction: what it called, what the contracts said',
    'Transaction',
    ({ explorer }, { hash }) => explorer.transaction(hash),
    { params: z.object({ hash: text('0x and 64 hex digits') }) },
  ),
  view(
    '/events',
    'Events of the contracts',
    'EventPage',
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

/** The shapes as JSON Schema, each naming the others. */
export function shapeSchemas(): Readonly<Record<string, object>> {
  const registry = z.registry<{ readonly id: string }>();
  for (const [id, schema] of Object.entries(shapes)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { uri: (id) => `#/components/schemas/${id}` });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, schema]) => {
      const { $id: _, $schema: __, ...rest } = schema as Record<string, unknown>;
      return [id, rest];
    }),
  );
}
