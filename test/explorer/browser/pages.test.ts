import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { registerDataset } from '../../../src/chain/registerDataset.ts';
import type { Explorer } from '../../../src/explorer/explorer.ts';
import { apiViews, shapes } from '../../../src/explorer/http/apiViews.ts';
import { explorerApp } from '../../../src/explorer/http/explorerApp.ts';
import { type ServedExplorer, serveExplorer } from '../../../src/explorer/http/serveExplorer.ts';
import { openExplorer } from '../../../src/explorer/openExplorer.ts';
import { noBrowser, openBrowser, type WatchedPage, watchedPage } from '../../utils/browser.ts';
import { type ExplorerWorld, explorerWorld } from '../../utils/explorerWorld.ts';
import { hostilePayloads } from '../../utils/hostilePayloads.ts';
import { contrastFaults, focusableCount, structureFaults } from '../../utils/pageChecks.ts';
import { stageCid } from '../../utils/settlementStage.ts';
import { useScratch } from '../../utils/useScratch.ts';

// The real server over a real chain, in a real browser. With ASSAY_SHOTS=FOLDER every page is photographed in both themes and on a phone.

const shots = process.env['ASSAY_SHOTS'];
const phone = { width: 375, height: 800 };
const desk = { width: 1_200, height: 900 };
const scratch = useScratch('explorer-pages');

describe('the explorer in a browser', { timeout: 600_000 }, () => {
  let world: ExplorerWorld;
  let explorer: Explorer;
  let served: ServedExplorer;
  let browser: Browser;
  let origin: string;
  const errors: unknown[] = [];

  beforeEach((context) => {
    if (noBrowser !== undefined) context.skip(noBrowser);
  });

  beforeAll(async () => {
    if (noBrowser !== undefined) return;
    world = await explorerWorld(hostilePayloads.map(({ bytes }) => bytes));
    const { anvil, deployment } = world.stage;
    explorer = await openExplorer({
      rpcUrl: anvil.rpcUrl,
      deployment,
      directory: join(scratch.path, 'index'),
      version: '0.1.0',
      pollingInterval: 50,
    });
    await explorer.ready();
    served = await serveExplorer(explorerApp(explorer, { onError: (error) => errors.push(error) }), { port: 0 });
    origin = served.url.slice(0, -1);
    browser = await openBrowser(['evil.example']);
    if (shots !== undefined) await mkdir(shots, { recursive: true });
  }, 600_000);

  afterAll(async () => {
    await browser?.close();
    await served?.close();
    await explorer?.close();
    await world?.stage.close();
  });

  const openPage = (options: Parameters<typeof watchedPage>[2] = {}): Promise<WatchedPage> =>
    watchedPage(browser, origin, { viewport: desk, ...options });

  it('loads every page without an error, a refusal of the policy or a foreign request; each is well built and readable', async () => {
    for (const [name, options] of [
      ['light', { colorScheme: 'light' }],
      ['dark', { colorScheme: 'dark' }],
      ['phone', { colorScheme: 'light', viewport: phone, hasTouch: true }],
    ] as const) {
      const { page, context, findings } = await openPage(options);
      for (const [what, path] of Object.entries(world.pages)) {
        const response = await page.goto(`${origin}${path}`, { waitUntil: 'load' });
        const where = `${what}, ${name}`;
        expect([where, response?.status()]).toEqual([where, 200]);
        expect([where, await page.evaluate(structureFaults)]).toEqual([where, []]);
        expect([where, await page.evaluate(contrastFaults)]).toEqual([where, []]);
        expect([where, await findings()]).toEqual([where, []]);
        if (shots !== undefined) await page.screenshot({ path: join(shots, `${name}-${what.replaceAll(' ', '-')}.png`), fullPage: true });
      }
      await context.close();
    }
    expect(errors).toEqual([]);
  });

  it('finds what is wrong with a page: the control of the checks above', async () => {
    const { page, context } = await openPage();
    await page.goto(`${origin}/`);
    await page.evaluate(`
      document.querySelector('main').insertAdjacentHTML('beforeend', '<h4>x</h4><button></button><input><table><tr><th>a</th></tr></table><p id="content" class="pale">pale</p><div class="wide"></div>');
      document.querySelector('.pale').style.color = 'rgb(200, 200, 200)';
      document.querySelector('.wide').style.cssText = 'width: 5000px; height: 1px';
    `);
    const faults = ((await page.evaluate(structureFaults)) as string[]).map((fault) => fault.split(':')[0]);
    expect(new Set(faults)).toEqual(
      new Set(['heading skips a level', 'no name', 'no label', 'no caption', 'no scope', 'id twice', 'wider than the window']),
    );
    expect(await page.evaluate(contrastFaults)).toHaveLength(1);
    await context.close();
  });

  it('answers every view of the API by its schema', async () => {
    const [, , checkpoint = ''] = (world.pages['checkpoint'] as string).split('/');
    const last = (name: string): string => (world.pages[name] as string).split('/').at(-1) as string;
    const ids: Readonly<Record<string, string>> = {
      jobs: last('job'),
      proofs: last('false proof'),
      checkpoints: checkpoint,
      audits: last('audit'),
      circuits: last('circuit'),
    };
    for (const { path, method, response: shape } of apiViews) {
      const filled = path
        .replace('{id}', ids[path.split('/')[1] as string] ?? '')
        .replace('{index}', '0')
        .replace('{operator}', last('node'))
        .replace('{hash}', last('transaction'));
      const response = await fetch(`${origin}/api/v1${filled}${path === '/search' ? '?q=0x00' : ''}`, { method: method.toUpperCase() });
      const value: unknown = await response.json();
      expect([path, response.status, (shapes[shape] as z.ZodType).safeParse(value).error?.issues]).toEqual([path, 200, undefined]);
    }
  });

  it('works with the keyboard alone', async () => {
    const { page, context, findings } = await openPage();
    await page.goto(`${origin}/`);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.className')).toBe('skip');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('content');
    await page.keyboard.press('/');
    expect(await page.evaluate('document.activeElement.id')).toBe('search');
    await page.keyboard.type('1');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${origin}/job/1`);
    // A slash inside the field is a slash.
    await page.keyboard.press('/');
    await page.keyboard.type('1/27');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${origin}/window/1/27`);

    // Every control is reached, and shows that it is.
    for (const path of [world.pages['merged checkpoint'], world.pages['false proof']]) {
      await page.goto(`${origin}${path}`);
      const count = Number(await page.evaluate(focusableCount));
      const seen = new Set<string>();
      for (let n = 0; n < count; n++) {
        await page.keyboard.press('Tab');
        const at = (await page.evaluate(`(() => {
          const at = document.activeElement;
          const style = getComputedStyle(at);
          const ring = style.outlineStyle !== 'none' || getComputedStyle(at.querySelector('rect') ?? at).strokeWidth === '3px';
          return [[...document.querySelectorAll('*')].indexOf(at), at === document.body, ring, at.outerHTML.slice(0, 120)];
        })()`)) as [number, boolean, boolean, string];
        expect([path, at[3], at[1], at[2]]).toEqual([path, at[3], false, true]);
        seen.add(String(at[0]));
      }
      expect([path, seen.size]).toEqual([path, count]);
      expect(await page.locator('.lineage a').count()).toBe(path === world.pages['merged checkpoint'] ? 4 : 0);
    }
    expect(await findings()).toEqual([]);
    await context.close();
  });

  it('shows an id whole where it has the focus, and copies it', async () => {
    const { page, context } = await openPage({ permissions: ['clipboard-read', 'clipboard-write'] });
    await page.goto(`${origin}/proofs`);
    const id = page.locator('tbody .id').first();
    const whole = await id.getAttribute('data-full');
    await id.locator('a').focus();
    expect(await page.locator('.tip').textContent()).toBe(whole);
    await page.keyboard.press('Escape');
    expect(await page.locator('.tip').isVisible()).toBe(false);
    await id.locator('button').click();
    await page.locator('#status', { hasText: 'Copied' }).waitFor({ state: 'attached' });
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(whole);
    await context.close();
  });

  it('takes the theme of the system until another is chosen, and remembers that', async () => {
    const { page, context, findings } = await openPage({ colorScheme: 'dark' });
    const dark = () => page.evaluate('getComputedStyle(document.body).backgroundColor === "rgb(17, 20, 19)"');
    await page.goto(`${origin}/job/1`);
    expect(await dark()).toBe(true);
    await page.getByRole('button', { name: 'Use the light theme' }).click();
    expect(await dark()).toBe(false);
    await page.goto(`${origin}/`);
    expect(await dark()).toBe(false);
    await page.getByRole('button', { name: 'Use the dark theme' }).click();
    expect(await dark()).toBe(true);
    expect(await findings()).toEqual([]);
    await context.close();
  });

  it('draws its charts from their tables, with names', async () => {
    const { page, context } = await openPage();
    await page.goto(`${origin}/job/1`);
    const charts = page.locator('figure.chart');
    expect(await charts.count()).toBeGreaterThanOrEqual(3);
    for (const chart of await charts.all()) {
      await chart.locator('canvas').waitFor();
      const name = await chart.getByRole('img').getAttribute('aria-label');
      expect(name).toMatch(/by window\. .+(from|throughout)/);
      expect(await chart.locator('details tbody tr').count()).toBe(28);
    }
    await context.close();
  });

  it('turns pages', async () => {
    const { page, context } = await openPage();
    await page.goto(`${origin}/job/1`);
    const rows = page.locator('#windows tbody tr');
    expect(await rows.count()).toBe(25);
    await page.locator('#windows').getByRole('link', { name: 'Next page' }).click();
    await page.waitForURL(/cursor=/);
    expect(await rows.count()).toBe(3);
    expect(await page.locator('#windows').getByRole('link', { name: 'Next page' }).count()).toBe(0);
    await page.locator('#windows').getByRole('link', { name: 'To the start' }).click();
    await page.waitForURL((url) => !url.search.includes('cursor'));
    expect(await rows.count()).toBe(25);
    // A lineage that is longer than a picture goes on.
    await page.goto(`${origin}${world.pages['checkpoint']}`);
    await page.getByRole('link', { name: 'Older checkpoints' }).click();
    await page.waitForURL(/older=/);
    expect(await page.locator('.lineage a').count()).toBeGreaterThan(5);
    await context.close();
  });

  it('is all there without scripts', async () => {
    const { page, context } = await openPage({ javaScriptEnabled: false });
    await page.goto(`${origin}/job/1`);
    expect(await page.locator('.copy').first().isVisible()).toBe(false);
    expect(await page.locator('.theme').isVisible()).toBe(false);
    expect(await page.locator('#windows .id .full').first().isVisible()).toBe(true);
    await page.locator('#search').fill('2');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.waitForURL(`${origin}/job/2`);
    await context.close();
  });

  it('shows what happens as it happens, and checks its figures against the chain', async () => {
    const { page, context, findings } = await openPage();
    await page.goto(`${origin}/`);
    await page.locator('[data-live-state]', { hasText: /^live$/ }).waitFor();
    const { requester, deployment } = world.stage;
    const licence = '<script>window.pwned=1</script>';
    const { datasetId } = await registerDataset(requester, deployment, { root: 99n, depth: 3, minibatches: 5, cid: stageCid, licence });
    await page.locator('[data-live] li', { hasText: datasetId.slice(0, 8) }).waitFor();
    await page.goto(`${origin}/metrics`);
    await page.getByRole('button', { name: 'Recompute from the chain' }).click();
    await page.getByText(/^Equal: \d/).waitFor();
    expect(await findings()).toEqual([]);
    await context.close();
  });

  it('row 32: what strangers wrote on the chain is inert on every page that shows it', async () => {
    const { page, context, findings } = await openPage();
    const lists = ['/jobs', '/events', '/events?name=CircuitNamed', '/events?name=DatasetRegistered'];
    for (const path of [...lists, ...world.hostileJobs.map((id) => `/job/${id}`)]) {
      await page.goto(`${origin}${path}`, { waitUntil: 'load' });
      await page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })");
      expect([path, await findings()]).toEqual([path, []]);
      const next = page.getByRole('link', { name: 'Next page' });
      if (path.startsWith('/jobs') && (await next.count()) > 0) await next.first().click();
    }
    expect(world.hostileJobs).toHaveLength(30);
    // The text is there, not left out.
    await page.goto(`${origin}/job/${world.hostileJobs[0]}`);
    expect(await page.locator('main').textContent()).toContain('<script>window.pwned=1</script>');
    await context.close();
  });

  it('row 32: a page whose name was pointed at this machine reads nothing', async () => {
    const { page, context } = await openPage();
    const foreign = await page.goto(`http://evil.example:${served.port}/api/v1/status`);
    expect(foreign?.status()).toBe(421);
    expect(await foreign?.text()).not.toContain('chainId');
    const own = await page.goto(`http://localhost:${served.port}/api/v1/status`);
    expect(own?.status()).toBe(200);
    expect(await own?.text()).toContain('chainId');
    await context.close();
  });
});
