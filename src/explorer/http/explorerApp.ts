import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import { z } from 'zod';
import { AssayError, exitCodes } from '../../errors.ts';
import type { Explorer } from '../explorer.ts';
import type { EventRow } from '../views.ts';
import { failurePage } from '../web/failurePage.ts';
import { layout, type Page } from '../web/layout.ts';
import type { MakePage, PageRequest } from '../web/pageRequest.ts';
import { apiPage } from '../web/pages/apiPage.ts';
import { auditPage } from '../web/pages/auditPage.ts';
import { checkpointPage } from '../web/pages/checkpointPage.ts';
import { circuitPage } from '../web/pages/circuitPage.ts';
import { homePage } from '../web/pages/homePage.ts';
import { jobPage } from '../web/pages/jobPage.ts';
import { listPages } from '../web/pages/listPages.ts';
import { metricsPage } from '../web/pages/metricsPage.ts';
import { nodePage } from '../web/pages/nodePage.ts';
import { proofPage } from '../web/pages/proofPage.ts';
import { searchPage } from '../web/pages/searchPage.ts';
import { transactionPage } from '../web/pages/transactionPage.ts';
import { windowPage } from '../web/pages/windowPage.ts';
import { paths } from '../web/paths.ts';
import { type ApiSources, type ApiView, apiViews, type ShapeName, shapeSchemas } from './apiViews.ts';
import { asset, etagOf } from './asset.ts';
import { type EventFeed, eventFeed } from './eventFeed.ts';
import { failureOf } from './failureView.ts';
import { recomputeDesk } from './recomputeDesk.ts';
import { secureHeaders } from './secureHeaders.ts';

export type ExplorerAppParameters = {
  /** Called with what nobody foresaw; who asked is told only that it failed. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Milliseconds. Default: the system's clock. */
  readonly now?: (() => number) | undefined;
};

export type ExplorerApp = {
  fetch(request: Request): Response | Promise<Response>;
  /** Every route that it answers, method and pattern; for tests. */
  routes(): readonly { readonly method: string; readonly path: string }[];
  /** Ends the streams that are open. */
  close(): void;
};

/** The longest address that is read, in characters. */
const longestAddress = 2_048;
const heartbeatMs = 15_000;
/** A stream ends then; browsers come back on their own. */
const longestStreamMs = 30 * 60_000;

const api = '/api/v1';
const streamPath = `${api}/events/stream`;

const pages: Readonly<Record<string, MakePage>> = {
  '/': homePage,
  ...listPages,
  '/job/:id': jobPage,
  '/window/:job/:index': windowPage,
  '/proof/:id': proofPage,
  '/node/:operator': nodePage,
  '/checkpoint/:id': checkpointPage,
  '/audit/:id': auditPage,
  '/circuit/:id': circuitPage,
  '/tx/:hash': transactionPage,
  '/metrics': metricsPage,
};

/** The explorer's pages and its JSON API, over any source of its views. Which hosts may ask is the server's to say. */
export function explorerApp(explorer: Explorer, { onError = () => undefined, now = Date.now }: ExplorerAppParameters = {}): ExplorerApp {
  const recompute = recomputeDesk(explorer, now);
  const feed = eventFeed(explorer, onError);
  const app = new OpenAPIHono({
    defaultHook(result) {
      if (result.success) return;
      const [issue] = result.error.issues;
      throw new AssayError('EXPLORER_QUERY_INVALID', `${issue?.path.join('.') ?? 'the query'}: ${issue?.message ?? 'not what is taken'}`, {
        hint: 'The API page says what each address takes.',
        exitCode: exitCodes.usage,
      });
    },
  });

  app.use(async (c, next) => {
    if (c.req.url.length > longestAddress)
      throw new AssayError('EXPLORER_ADDRESS_LONG', `an address has at most ${longestAddress} characters`);
    await next();
    for (const [name, value] of Object.entries(secureHeaders)) c.res.headers.set(name, value);
  });

  for (const [name, schema] of Object.entries(shapeSchemas())) app.openAPIRegistry.registerComponent('schemas', name, schema);
  for (const view of apiViews) addApiView(app, view, explorer, recompute);
  addStream(app, feed);
  app.get('/api/openapi.json', (c) => tagged(c, JSON.stringify(openApiDocument(app)), 'application/json'));

  const render = async (c: Context, page: Page, status: 200 | 404 | 400 | 500 | 502 | 503 = 200): Promise<Response> => {
    const around = await explorer.status().catch(() => undefined);
    const text = await layout(page, {
      path: c.req.path,
      query: c.req.path === '/search' ? c.req.query('q') : undefined,
      chainId: around?.chainId,
      indexedBlock: around?.indexed ?? undefined,
      behind: around?.behind ?? undefined,
    });
    return tagged(c, String(text), 'text/html; charset=utf-8', status);
  };
  const requestOf = (c: Context): PageRequest => ({ explorer, params: c.req.param() as Record<string, string>, query: c.req.query() });

  for (const [path, page] of Object.entries(pages)) app.get(path, async (c) => render(c, await page(requestOf(c))));
  app.get('/search', async (c) => {
    const found = await searchPage(requestOf(c));
    return typeof found === 'string' ? c.redirect(found, 303) : render(c, found);
  });
  app.get('/api', async (c) => render(c, apiPage(openApiDocument(app))));
  app.post('/metrics/recompute', async (c) => render(c, await metricsPage(requestOf(c), await recompute())));
  // Who comes to that address by another way wants the button.
  app.get('/metrics/recompute', (c) => c.redirect('/metrics#recompute', 303));
  app.get('/assets/:name', async (c) => {
    const found = await asset(c.req.param('name'));
    if (found === undefined) throw new AssayError('EXPLORER_NO_PAGE', 'there is no such file');
    if (c.req.header('if-none-match') === found.etag) return c.body(null, 304, { etag: found.etag });
    return c.body(found.body, 200, { 'content-type': found.type, etag: found.etag, 'cache-control': 'no-cache' });
  });

  app.notFound((c) => {
    const known = app.routes.some(({ method, path }) => method !== 'ALL' && method !== c.req.method && matches(path, c.req.path));
    throw known
      ? new AssayError('EXPLORER_METHOD', `this address does not take ${c.req.method}`)
      : new AssayError('EXPLORER_NO_PAGE', 'there is no such page', {
          hint: 'The search box finds jobs, ids, addresses and transactions.',
        });
  });
  app.onError(async (error, c) => {
    const { status, failure, unforeseen } = failureOf(error);
    if (unforeseen) onError(error);
    const headers: Record<string, string> = {
      ...secureHeaders,
      'cache-control': 'no-store',
      ...(status === 503 ? { 'retry-after': '2' } : {}),
    };
    if (c.req.path.startsWith('/api/') || c.req.path.startsWith('/assets/')) return c.json(failure, status, headers);
    const response = await render(c, failurePage(status, failure));
    return new Response(c.req.method === 'HEAD' ? null : await response.text(), {
      status,
      headers: { ...headers, 'content-type': 'text/html; charset=utf-8' },
    });
  });

  return {
    fetch: (request) => app.fetch(request),
    routes: () => app.routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => ({ method, path })),
    close: () => feed.close(),
  };
}

const refTo = (name: ShapeName) => ({ $ref: `#/components/schemas/${name}` });

function addApiView(app: OpenAPIHono, view: ApiView, explorer: Explorer, recompute: ApiSources['recompute']): void {
  const { path, method, summary, params, query, response } = view;
  const route = createRoute({
    method,
    path: `${api}${path}`,
    summary,
    request: { ...(params === undefined ? {} : { params }), ...(query === undefined ? {} : { query }) },
    responses: {
      200: { description: summary, content: { 'application/json': { schema: refTo(response) } } },
      default: { description: 'What went wrong', content: { 'application/json': { schema: refTo('Failure') } } },
    },
  });
  app.openapi(route, (async (c: Context) => {
    const valid = (what: 'param' | 'query', schema: unknown): never => (schema === undefined ? {} : c.req.valid(what as never)) as never;
    const value = await view.read({ explorer, recompute }, valid('param', params), valid('query', query));
    return tagged(c, JSON.stringify(value), 'application/json');
  }) as never);
}

/** What an event is to who follows: what happened, and the page that shows it. */
const streamedEvent = z.object({ text: z.string(), path: z.string(), blockNumber: z.int(), name: z.string(), module: z.string() });

function addStream(app: OpenAPIHono, feed: EventFeed): void {
  app.openAPIRegistry.registerPath({
    method: 'get',
    path: streamPath,
    summary: 'Events from now on, as server-sent events named `chain`',
    responses: {
      200: { description: 'the data of each is one of these as JSON', content: { 'text/event-stream': { schema: streamedEvent } } },
      default: { description: 'What went wrong', content: { 'application/json': { schema: refTo('Failure') } } },
    },
  });
  app.get(streamPath, (c) => {
    const over = AbortSignal.any([c.req.raw.signal, AbortSignal.timeout(longestStreamMs)]);
    const events = feed.follow(over);
    if (events === undefined) throw new AssayError('EXPLORER_BUSY', 'too many follow already', { hint: 'Try again later.' });
    c.header('cache-control', 'no-store');
    return streamSSE(c, async (stream) => {
      stream.onAbort(() => void events.return(undefined));
      const beat = setInterval(() => void stream.write(': still here\n\n'), heartbeatMs);
      try {
        await stream.write(': from now on\n\n');
        for await (const event of events) {
          if (stream.aborted) break;
          await stream.writeSSE({ event: 'chain', data: JSON.stringify(streamed(event)) });
        }
      } finally {
        clearInterval(beat);
      }
    });
  });
}

function streamed({ text, name, module, at }: EventRow): z.infer<typeof streamedEvent> {
  return { text, path: paths.transaction(at.transaction), blockNumber: at.block, name, module };
}

export type OpenApiDocument = ReturnType<OpenAPIHono['getOpenAPI31Document']>;

function openApiDocument(app: OpenAPIHono): OpenApiDocument {
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Assay explorer',
      version: '1',
      description:
        'What can be seen of a deployment, as plain JSON. Ids are 0x and 64 digits; jobs and other big integers decimal strings; amounts decimal strings of the smallest unit of their token; times ISO 8601. Lists give `next`, the cursor of the next page. Text may be what strangers wrote: escape it.',
    },
  });
}

/** A response that need not be sent twice. */
function tagged(c: Context, body: string, type: string, status: 200 | 404 | 400 | 500 | 502 | 503 = 200): Response {
  const etag = etagOf(body);
  const headers = { etag, 'cache-control': 'no-cache' };
  if (status === 200 && c.req.method === 'GET' && c.req.header('if-none-match') === etag) return c.body(null, 304, headers);
  return c.body(body, status, { ...headers, 'content-type': type });
}

/** Whether a pattern of a route takes a path. */
function matches(pattern: string, path: string): boolean {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  return wanted.length === given.length && wanted.every((part, i) => part.startsWith(':') || part === given[i]);
}
