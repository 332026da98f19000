import { html } from 'hono/html';
import type { Content, Html } from './html.ts';

export type Page = {
  /** Of the window, and of a bookmark. */
  readonly title: string;
  /** What the page is about, and what stands beside it: a state. */
  readonly heading: Content;
  readonly beside?: Content;
  /** What it is, in a sentence. */
  readonly lead?: Content;
  /** Pages above this one. */
  readonly crumbs?: readonly (readonly [label: string, path: string])[];
  readonly content: Content;
};

/** What every page says of where it comes from. */
export type Surroundings = {
  /** The path that was asked for, to mark where one is. */
  readonly path: string;
  /** What stands in the search box. */
  readonly query?: string | undefined;
  /** Undefined where the explorer cannot say. */
  readonly chainId: number | undefined;
  /** Undefined before the first block is indexed. */
  readonly indexedBlock: number | undefined;
  /** How many blocks the index is behind the chain; undefined where the chain cannot be asked. */
  readonly behind: number | undefined;
};

const sections = [
  ['Network', '/'],
  ['Jobs', '/jobs'],
  ['Checkpoints', '/checkpoints'],
  ['Proofs', '/proofs'],
  ['Nodes', '/nodes'],
  ['Audits', '/audits'],
  ['Slashes', '/slashes'],
  ['Metrics', '/metrics'],
  ['API', '/api'],
] as const;

/** The whole of a page. */
export function layout(page: Page, around: Surroundings): Html {
  const isAt = (path: string): boolean => (path === '/' ? around.path === '/' : around.path === path || around.path.startsWith(`${path}/`));
  const links = sections.map(
    ([label, path]) => html`<li><a href="${path}"${isAt(path) ? html` aria-current="page"` : ''}>${label}</a></li>`,
  );
  const crumbs =
    page.crumbs === undefined
      ? ''
      : html`<nav class="crumbs" aria-label="Above this page">${page.crumbs.map(
          ([label, path], i) => html`${i > 0 ? ' / ' : ''}<a href="${path}">${label}</a>`,
        )}</nav>`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${page.title} · Assay explorer</title>
<link rel="icon" href="/assets/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/uplot.css">
<link rel="stylesheet" href="/assets/style.css">
<script src="/assets/theme.js"></script>
<script type="module" src="/assets/page.js"></script>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header class="top">
<div class="wrap">
<a class="brand" href="/"><svg width="22" height="22" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8" fill="currentColor"/><path d="M7 23 16 7l9 16M11.5 17.5h9" fill="none" stroke="var(--surface)" stroke-width="2.8" stroke-linecap="round" stroke-linejoin="round"/></svg>Assay explorer</a>
<search><form class="search" action="/search" method="get"><label class="visually-hidden" for="search">Search by job, id, address or transaction</label><input id="search" name="q" type="search" value="${around.query ?? ''}" placeholder="Job, id, address, transaction" maxlength="200" autocomplete="off" spellcheck="false" aria-keyshortcuts="/"><button type="submit">Search</button></form></search>
<button type="button" class="theme" aria-label="Use the dark theme"><svg width="18" height="18" viewBox="0 0 18 18" fill="none" stroke="currentColor" stroke-width="1.5" aria-hidden="true"><circle cx="9" cy="9" r="6.5"/><path d="M9 2.5v13a6.5 6.5 0 0 0 0-13Z" fill="currentColor"/></svg></button>
<nav class="nav" aria-label="Sections"><ul>${links}</ul></nav>
</div>
</header>
<main id="content" class="wrap" tabindex="-1">
<div class="head">${crumbs}<div class="title"><h1>${page.heading}</h1>${page.beside ?? ''}</div>${page.lead === undefined ? '' : html`<p class="lead">${page.lead}</p>`}</div>
${page.content}
</main>
<footer class="bottom">
<div class="wrap">${around.chainId === undefined ? '' : html`<p>Chain ${String(around.chainId)}</p>`}<p>${indexedUpTo(around)}</p><p>Everything here is read from the chain; <a href="/metrics">check it</a>.</p></div>
</footer>
<p id="status" class="visually-hidden" role="status"></p>
</body>
</html>`;
}

function indexedUpTo({ indexedBlock, behind }: Surroundings): string {
  if (indexedBlock === undefined) return 'Nothing is indexed yet';
  const distance = behind === undefined ? 'the chain does not answer' : behind === 0 ? 'up to date' : `${behind} behind`;
  return `Indexed up to block ${indexedBlock}, ${distance}`;
}
