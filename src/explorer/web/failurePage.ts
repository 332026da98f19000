import { html } from 'hono/html';
import type { FailureView } from '../http/failureView.ts';
import type { Page } from './layout.ts';
import { userText } from './userText.ts';

/** A page in the place of one that cannot be had. The message may hold what was asked for. */
export function failurePage(status: number, { code, message, hint }: FailureView): Page {
  const title = status === 404 ? 'Not found' : status < 500 ? 'That cannot be asked' : 'No answer now';
  return {
    title,
    heading: title,
    content: html`<div class="alert ${status >= 500 ? 'bad' : ''}"><p>${userText(message)}</p>${hint === null ? '' : html`<p>${userText(hint)}</p>`}<p class="muted"><code>${code}</code></p></div>`,
  };
}
