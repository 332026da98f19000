import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { apiViews, shapes } from '../../../src/explorer/http/apiViews.ts';
import { explorerApp } from '../../../src/explorer/http/explorerApp.ts';
import { failureView } from '../../../src/explorer/http/failureView.ts';
import { recomputeEveryMs } from '../../../src/explorer/http/recomputeDesk.ts';
import { secureHeaders } from '../../../src/explorer/http/secureHeaders.ts';
import type { EventRow } from '../../../src/explorer/views.ts';
import { fakeExplorer, fakeIds, fakePages } from '../../utils/fakeExplorer.ts';

type Document = {
  readonly openapi: string;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, { readonly content: object }>> }>>>
  >;
};

const setUp = (text?: string) => {
  const explorer = fakeExplorer(text);
  const errors: unknown[] = [];
  let now = 1_000_000;
  const app = explorerApp(explorer, { onError: (error) => errors.push(error), now: () => now });
  const ask = async (path: string, init?: RequestInit) => app.fetch(new Request(`http://127.0.0.1:8080${path}`, init));
  const pass = (ms: number): void => {
    now += ms;
  };
  return { explorer, app, ask, errors, pass };
};

/** An address of each view, that the fake explorer has something at. */
const addressOf = (path: string): string => {
  const [, room] = path.split('/');
  const ids: Readonly<Record<string, string>> = {
    jobs: fakeIds.job,
    proofs: fakeIds.proof,
    checkpoints: fakeIds.checkpoint,
    audits: fakeIds.audit,
    circuits: fakeIds.circuit,
  };
  const filled = path
    .replace('{id}', ids[room ?? ''] ?? '')
    .replace('{index}', '0')
    .replace('{operator}', fakeIds.node)
    .replace('{hash}', fakeIds.transaction);
  return `/api/v1${filled}${path === '/search' ? '?q=abc' : ''}`;
};

describe('the JSON API', () => {
  it('has every one of its routes in the OpenAPI document, and nothing else in it', async () => {
    const { app, ask } = setUp();
    const document = (await (await ask('/api/openapi.json')).json()) as Document;
    expect(document.openapi).toBe('3.1.0');
    const told = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
    );
    const served = app.routes().flatMap(({ method, path }) => (path.startsWith('/api/v1/') ? [`${method} ${path}`] : []));
    expect(told.toSorted()).toEqual([...new Set(served)].toSorted());
    expect(told).toHaveLength(apiViews.length + 1);
    expect(JSON.stringify(document)).not.toMatch(/"required":false,[^{}]*"in":"path"/);
    expect(JSON.stringify(document).match(/"required":true,[^{}]*"in":"path"/g)?.length).toBeGreaterThan(9);
    // Every name that the document mentions is explained in it.
    const mentioned = [...JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name]) => name);
    expect(mentioned.length).toBeGreaterThan(20);
    for (const name of mentioned) expect(document.components.schemas).toHaveProperty(name as string);
  });

  it.each(apiViews.map((view) => [`${view.method} ${view.path}`, view] as const))('answers %s by its schema', async (_name, view) => {
    const { ask, errors } = setUp();
    const response = await ask(addressOf(view.path), { method: view.method.toUpperCase() });
    expect(errors).toEqual([]);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    const value: unknown = await response.json();
    const shape: z.ZodType = shapes[view.response];
    expect(shape.safeParse(value).error).toBeUndefined();
    // The control: the schema refuses what lacks all of it.
    expect(shape.safeParse(Object.fromEntries(Object.keys(value as object).map((key) => [key, undefined]))).success).toBe(false);
  });

  it.each([
    ['/api/v1/jobs/999', 404, 'EXPLORER_NOT_FOUND'],
    ['/api/v1/jobs/nonsense', 400, 'EXPLORER_ID_INVALID'],
    ['/api/v1/jobs?limit=0', 400, 'EXPLORER_QUERY_INVALID'],
    ['/api/v1/jobs?limit=201', 400, 'EXPLORER_QUERY_INVALID'],
    ['/api/v1/jobs?limit=many', 400, 'EXPLORER_QUERY_INVALID'],
    [`/api/v1/jobs?cursor=${'1'.repeat(101)}`, 400, 'EXPLORER_QUERY_INVALID'],
    ['/api/v1/jobs/3/windows/-1', 400, 'EXPLORER_QUERY_INVALID'],
    ['/api/v1/search', 400, 'EXPLORER_QUERY_INVALID'],
    ['/api/v1/nothing', 404, 'EXPLORER_NO_PAGE'],
    ['/assets/../package.json', 404, 'EXPLORER_NO_PAGE'],
    ['/assets/..%2fpackage.json', 404, 'EXPLORER_NO_PAGE'],
    ['/assets/toString', 404, 'EXPLORER_NO_PAGE'],
    [`/api/v1/search?q=${'a'.repeat(3_000)}`, 414, 'EXPLORER_ADDRESS_LONG'],
  ])('refuses %s with %i', async (path, status, code) => {
    const { ask } = setUp();
    const response = await ask(path);
    expect(response.status).toBe(status);
    if (path.startsWith('/assets/../')) return;
    expect(failureView.parse(await response.json())).toMatchObject({ code });
  });

  it('refuses other methods, and says so', async () => {
    const { ask } = setUp();
    const refused = await ask('/api/v1/jobs', { method: 'DELETE' });
    expect(refused.status).toBe(405);
    expect(await refused.json()).toMatchObject({ code: 'EXPLORER_METHOD' });
    expect((await ask('/api/v1/metrics/recompute')).status).toBe(405);
    expect((await ask('/api/v1/jobs')).status).toBe(200);
  });

  it('tells of an error that nobody foresaw only that it happened', async () => {
    const { explorer, ask, errors } = setUp();
    Object.assign(explorer, { job: () => Promise.reject(new Error('secret path /root')) });
    const response = await ask('/api/v1/jobs/3');
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret');
    expect(errors).toHaveLength(1);
    const page = await ask('/job/3');
    expect(page.status).toBe(500);
    expect(await page.text()).not.toContain('secret');
  });

  it('sends nothing twice', async () => {
    const { explorer, ask } = setUp();
    for (const path of ['/api/v1/jobs/3', '/job/3', '/assets/style.css', '/api/openapi.json']) {
      const first = await ask(path);
      const etag = first.headers.get('etag') as string;
      expect(etag).toMatch(/^".+"$/);
      const second = await ask(path, { headers: { 'if-none-match': etag } });
      expect(second.status).toBe(304);
      expect(second.headers.get('content-security-policy')).toBe(secureHeaders['content-security-policy']);
      expect(await second.text()).toBe('');
    }
    const etag = (await ask('/api/v1/jobs/3')).headers.get('etag') as string;
    const job = await explorer.job('3');
    Object.assign(explorer, { job: async () => ({ ...job, finalized: 2 }) });
    expect((await ask('/api/v1/jobs/3', { headers: { 'if-none-match': etag } })).status).toBe(200);
  });

  it('recomputes once a minute for everybody together', async () => {
    const { explorer, ask, pass } = setUp();
    const post = () => ask('/api/v1/metrics/recompute', { method: 'POST' });
    await Promise.all([post(), post(), ask('/metrics/recompute', { method: 'POST' })]);
    expect(explorer.recomputed()).toBe(1);
    pass(recomputeEveryMs - 1);
    expect((await post()).status).toBe(200);
    expect(explorer.recomputed()).toBe(1);
    pass(1);
    await post();
    expect(explorer.recomputed()).toBe(2);
  });

  it('recomputes again after a run that failed', async () => {
    const { explorer, ask } = setUp();
    const works = explorer.recompute;
    Object.assign(explorer, { recompute: () => Promise.reject(new Error('no chain')) });
    expect((await ask('/api/v1/metrics/recompute', { method: 'POST' })).status).toBe(500);
    Object.assign(explorer, { recompute: works });
    expect((await ask('/api/v1/metrics/recompute', { method: 'POST' })).status).toBe(200);
  });
});

describe('the stream of events', () => {
  const eventOf = (n: number): EventRow => ({
    module: 'jobManager',
    name: 'JobOpened',
    args: {},
    text: `event ${n}\n\nevent: chain\ndata: {}`,
    logIndex: n,
    at: { block: 200 + n, time: null, transaction: `0x${n.toString(16).padStart(64, '0')}` },
  });

  it('tells each event once, oldest first, whatever is in its text', async () => {
    const { explorer, ask } = setUp();
    const over = new AbortController();
    const response = await ask('/api/v1/events/stream', { signal: over.signal });
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const decoder = new TextDecoder();
    let text = '';
    const until = async (enough: () => boolean): Promise<void> => {
      while (!enough()) {
        const { value, done } = await reader.read();
        if (done) throw new Error(`the stream ended after ${text}`);
        text += decoder.decode(value);
      }
    };
    await until(() => text.includes('from now on'));
    // The first look at the chain is made without a block.
    await new Promise((done) => setTimeout(done, 20));
    for (const n of [1, 2, 3]) explorer.happen(eventOf(n));
    const told = () =>
      text
        .split('\n\n')
        .filter((part) => part.startsWith('event: chain'))
        .map(
          (part) =>
            JSON.parse(
              part
                .split('\n')
                .find((line) => line.startsWith('data:'))
                ?.slice(5) ?? '{}',
            ) as { text: string; path: string },
        );
    await until(() => told().length >= 3);
    expect(told().map((event) => event.text)).toEqual([1, 2, 3].map((n) => eventOf(n).text));
    expect(told()[0]?.path).toBe(`/tx/${eventOf(1).at.transaction}`);
    await reader.cancel();
    over.abort();
  });

  it('takes so many readers and no more, and has room again when one leaves', async () => {
    const { ask, app } = setUp();
    const readers: AbortController[] = [];
    const open = async (): Promise<number> => {
      const reader = new AbortController();
      readers.push(reader);
      return (await ask('/api/v1/events/stream', { signal: reader.signal })).status;
    };
    for (let n = 0; n < 64; n++) expect(await open()).toBe(200);
    expect(await open()).toBe(429);
    readers[0]?.abort();
    expect(await open()).toBe(200);
    app.close();
  });
});

describe('pages', () => {
  it.each(fakePages)('%s is there, under the strict policy', async (path) => {
    const { ask, errors } = setUp();
    const response = await ask(path);
    const text = await response.text();
    expect(errors).toEqual([]);
    expect(response.status).toBe(200);
    expect(text).toContain('<h1>');
    expect(text).not.toMatch(/\[object |undefined|NaN/);
    // The policy takes no script and no style that stands in the text.
    expect(text).not.toMatch(/ style="| on\w+="|<style|<script>/);
    for (const [name, value] of Object.entries(secureHeaders)) expect(response.headers.get(name)).toBe(value);
  });

  it.each(fakePages)('%s escapes what strangers wrote', async (path) => {
    const text = `<b id=x>"'&</b>`;
    const { ask } = setUp(text);
    const page = await (await ask(path)).text();
    expect(page).not.toContain('<b id=x>');
    expect(page).not.toContain(text);
  });

  it('a search that can mean one thing leads there', async () => {
    const { ask } = setUp();
    const response = await ask('/search?q=3');
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe('/job/3');
    expect((await ask('/search?q=0xabc')).status).toBe(200);
  });

  it('what is not there is said on a page, in the same words as in the API', async () => {
    const { ask } = setUp();
    for (const [path, status] of [
      ['/job/999', 404],
      ['/job/%3Cscript%3E', 400],
      ['/nothing', 404],
      ['/window/3/abc', 400],
    ] as const) {
      const response = await ask(path);
      expect(response.status).toBe(status);
      expect(response.headers.get('content-type')).toContain('text/html');
      expect(await response.text()).toContain('<h1>');
    }
  });
});
