import { html } from 'hono/html';
import type { Html } from './html.ts';

/**
 * Links to the next page of a list and back to its first.
 *
 * @param query what was asked for; everything but the cursor stays
 * @param next the cursor of the next page, or null
 * @param anchor the list's place on a page that holds more
 */
export function pager(path: string, query: Readonly<Record<string, string>>, next: string | null, anchor = ''): Html {
  const link = (cursor: string | null): string => {
    const { cursor: _, ...rest } = query;
    const text = new URLSearchParams(cursor === null ? rest : { ...rest, cursor }).toString();
    return `${path}${text === '' ? '' : `?${text}`}${anchor}`;
  };
  if (next === null && query['cursor'] === undefined) return html``;
  return html`<nav class="pager" aria-label="Pages of this list">${query['cursor'] === undefined ? '' : html`<a class="button" href="${link(null)}" rel="first">To the start</a>`}${next === null ? '' : html`<a class="button" href="${link(next)}" rel="next">Next page</a>`}</nav>`;
}
