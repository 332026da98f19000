import { html } from 'hono/html';
import type { Html } from './html.ts';
import { idOf } from './idOf.ts';
import { userText } from './userText.ts';

/** A sentence of which ids are short; the rest may be what somebody wrote. */
export function sentence(text: string): Html {
  const parts = text.split(/\b(0x[0-9a-fA-F]{40,64})\b/);
  return html`${parts.map((part, i) => (i % 2 === 1 ? idOf(part, 'id') : part === '' ? '' : userText(part)))}`;
}
