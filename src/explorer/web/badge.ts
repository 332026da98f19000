import { html } from 'hono/html';
import type { Html } from './html.ts';

/** How a state is to be taken. */
type Tone = 'good' | 'warn' | 'bad' | 'info' | 'plain';

const tones: Readonly<Record<string, Tone>> = {
  active: 'info',
  open: 'plain',
  paused: 'warn',
  completed: 'good',
  cancelled: 'bad',
  finalized: 'good',
  proved: 'good',
  submitted: 'info',
  rejected: 'bad',
  orphaned: 'warn',
  lapsed: 'warn',
  released: 'plain',
  held: 'info',
  revoked: 'bad',
  certified: 'good',
  holds: 'good',
  disputed: 'bad',
  fails: 'bad',
  abandoned: 'warn',
  slashed: 'bad',
  jailed: 'bad',
  paid: 'good',
  unpaid: 'warn',
  exposed: 'bad',
  committed: 'info',
  revealed: 'info',
};

/** A state in one word; the word says it, the colour only helps. */
export function badge(state: string, tone: Tone = tones[state] ?? 'plain'): Html {
  return html`<span class="badge ${tone}">${state}</span>`;
}
