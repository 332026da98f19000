import { html } from 'hono/html';
import type { Content, Html } from './html.ts';

/** Names and what they are; one without value is left out. */
export function facts(entries: readonly (readonly [name: Content, value: Content])[]): Html {
  const shown = entries.filter(([, value]) => value !== undefined);
  return html`<dl class="facts">${shown.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}
