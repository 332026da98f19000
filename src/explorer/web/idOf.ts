import { html } from 'hono/html';
import { copyButton } from './copyButton.ts';
import type { Html } from './html.ts';

/** First and last characters of an id; the whole where it is short anyway. */
export function shorten(id: string): string {
  return id.length <= 20 ? id : `${id.slice(0, 10)}…${id.slice(-6)}`;
}

/**
 * An id, shortened: its whole is shown under the pointer or the focus, copied by the button beside it, and stands in the page where there are no scripts.
 *
 * @param id hex or a number; not what a user wrote at will
 * @param what for the button's name: "job id"
 * @param path where it leads; undefined: nowhere
 */
export function idOf(id: string, what: string, path?: string): Html {
  const name = html`<span class="short">${shorten(id)}</span><span class="full">${id}</span>`;
  const inner = path === undefined ? html`<span>${name}</span>` : html`<a href="${path}" title="${id}">${name}</a>`;
  return html`<span class="id" data-full="${id}">${inner}${copyButton(id, what)}</span>`;
}
