import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ExplorerApp, explorerApp } from '../../../src/explorer/http/explorerApp.ts';
import { type ServedExplorer, serveExplorer } from '../../../src/explorer/http/serveExplorer.ts';
import { noBrowser, openBrowser, watchedPage } from '../../utils/browser.ts';
import { fakeExplorer, fakePages } from '../../utils/fakeExplorer.ts';
import { hostilePayloads } from '../../utils/hostilePayloads.ts';

// Every field that a stranger may write, also those that the chain of the other test does not fill. With ASSAY_WEB=all (npm run test:web) each of the payloads goes to
// each of the pages, otherwise each to one, so that together they see all.
const everywhere = process.env['ASSAY_WEB'] === 'all';

/** Takes back what escaping did, as a page would be that forgot it. */
function unescaped(app: ExplorerApp, withPolicy: boolean): ExplorerApp {
  return {
    ...app,
    async fetch(request) {
      const response = await app.fetch(request);
      if (!(response.headers.get('content-type') ?? '').includes('text/html')) return response;
      const text = (await response.text())
        .replaceAll('<span class="odd">U+202E</span>', '\u202e')
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&quot;', '"')
        .replaceAll('&#39;', "'")
        .replaceAll('&amp;', '&');
      const headers = new Headers(response.headers);
      if (!withPolicy) headers.delete('content-security-policy');
      return new Response(text, { status: response.status, headers });
    },
  };
}

describe('row 32: hostile text', { timeout: 600_000 }, () => {
  let browser: Browser;

  beforeEach((context) => {
    if (noBrowser !== undefined) context.skip(noBrowser);
  });
  beforeAll(async () => {
    if (noBrowser === undefined) browser = await openBrowser();
  });
  afterAll(() => browser?.close());

  const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

  /** Looks at pages of an explorer in which this text is everywhere, and gives what the browser did. */
  async function look(text: string, paths: readonly string[], change: (app: ExplorerApp) => ExplorerApp): Promise<readonly string[]> {
    const served: ServedExplorer = await serveExplorer(change(explorerApp(fakeExplorer(text))), { port: 0 });
    const origin = served.url.slice(0, -1);
    const { page, context, findings } = await watchedPage(browser, origin);
    // Nothing leaves this machine, also where it is asked to.
    await context.route(
      (url) => url.origin !== origin,
      (route) => route.abort(),
    );
    const all: string[] = [];
    for (const path of paths) {
      try {
        await page.goto(`${origin}${path}`, { waitUntil: 'load' });
        await page.evaluate(`
          document.querySelectorAll('details').forEach((details) => { details.open = true; });
          document.querySelectorAll('main button:not(form button), input').forEach((element) => { element.focus(); element.dispatchEvent(new Event('mouseover', { bubbles: true })); });
        `);
      } catch (error) {
        all.push(`${path}: left: ${(error as Error).message}`);
      }
      all.push(...(await findings().catch(() => ['left'])).map((finding) => `${path}: ${finding}`));
    }
    await context.close();
    await served.close();
    return all;
  }

  it('is thirty payloads', () => {
    expect(hostilePayloads).toHaveLength(30);
    expect(new Set(hostilePayloads.map(({ bytes }) => textOf(bytes))).size).toBe(30);
  });

  it.each(hostilePayloads.map((payload, i) => [payload.name, payload, i] as const))('%s is inert', async (_name, { bytes }, i) => {
    const text = textOf(bytes);
    const written = encodeURIComponent(text.slice(0, 300));
    const some = (paths: readonly string[]): readonly string[] => (everywhere ? paths : [paths[i % paths.length] as string]);
    const asked = some([
      `/search?q=${written}`,
      `/job/${written}`,
      `/jobs?requester=${written}&cursor=${written.slice(0, 60)}`,
      `/nothing/${written}`,
    ]);
    const own = some(fakePages);
    // A path that cannot be found, or not be decoded, is no page without errors: the browser says so.
    const findings = (await look(text, [...own, ...asked], (app) => app)).filter(
      (finding) => !/console: Failed to load resource: the server responded with a status of 4(00|04|14)/.test(finding),
    );
    expect(findings).toEqual([]);
  });

  it('bytes that are no UTF-8 are inert in paths and queries', async () => {
    const paths = ['/search?q=%ff%fe%3Cscript%3Epwned%3D1%3C/script%3E', '/job/%ff%00%3Cimg%20src=x%20onerror=pwned=1%3E', '/%c0%af..%2f'];
    const findings = (await look('x', paths, (app) => app)).filter((finding) => !/status of 4\d\d/.test(finding));
    expect(findings).toEqual([]);
  });

  const active = hostilePayloads.filter(({ acts }, i) => acts && (everywhere || i % 4 === 3));
  it.each(active.map((payload) => [payload.name, payload] as const))(
    'the control: %s is caught on a page that does not escape, and the policy still stops what would run',
    async (_name, { bytes }) => {
      const path = ['/job/3'];
      const open = await look(textOf(bytes), path, (app) => unescaped(app, false));
      const policed = await look(textOf(bytes), path, (app) => unescaped(app, true));
      expect([...open, ...policed]).not.toEqual([]);
      expect(policed.filter((finding) => finding.endsWith('a script ran') || finding.includes('dialog'))).toEqual([]);
    },
  );
});
