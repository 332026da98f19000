import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** Debian's. */
const executablePath = '/usr/bin/chromium';

/** Why no browser can be had; undefined where one can. */
export const noBrowser: string | undefined = existsSync(executablePath)
  ? undefined
  : `there is no ${executablePath} (apt-get install chromium)`;

/** Starts it, with names that lead to this machine. */
export function openBrowser(hosts: readonly string[] = []): Promise<Browser> {
  const rules = hosts.map((host) => `MAP ${host} 127.0.0.1`).join(', ');
  return chromium.launch({ executablePath, args: ['--no-sandbox', ...(rules === '' ? [] : [`--host-resolver-rules=${rules}`])] });
}

export type WatchedPage = {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Whatever a page must never do, since the last look: errors, refused by the policy, requests to elsewhere, dialogs, a script that ran. */
  findings(): Promise<readonly string[]>;
};

/** A page of which everything is watched that a script of somebody else would do. */
export async function watchedPage(browser: Browser, origin: string, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  let found: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') found.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => found.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    found.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('popup', (popup) => void found.push(`popup: ${popup.url()}`));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin && url.protocol !== 'data:') found.push(`request: ${request.url()}`);
  });
  await context.addInitScript(`
    window.violations = [];
    document.addEventListener('securitypolicyviolation', (event) => window.violations.push(event.violatedDirective + ' ' + event.blockedURI));
  `);
  return {
    page,
    context,
    async findings() {
      const state = (await page.evaluate('({ pwned: window.pwned ?? null, violations: window.violations ?? [] })')) as {
        pwned: unknown;
        violations: string[];
      };
      const now = [...found, ...state.violations.map((text) => `policy: ${text}`), ...(state.pwned === null ? [] : ['a script ran'])];
      found = [];
      return now;
    },
  };
}
