import { html } from 'hono/html';
import type { Content, Html } from './html.ts';

/** A part of a page under a heading, which its id makes a place to link to. */
export function card(id: string, title: Content, content: Content): Html {
  return html`<section class="card" id="${id}" aria-labelledby="${`${id}-title`}"><h2 id="${`${id}-title`}">${title}</h2>${content}</section>`;
}
