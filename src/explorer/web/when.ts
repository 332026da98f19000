import { html } from 'hono/html';
import type { PlaceView } from '../views.ts';
import type { Html } from './html.ts';
import { number } from './number.ts';
import { paths } from './paths.ts';

/** A time, to the minute; the whole of it is in the element. */
export function timeOf(time: string): Html {
  return html`<time datetime="${time}" title="${time}">${time.slice(0, 16).replace('T', ' ')} UTC</time>`;
}

/** Where and when something happened, with a link to the transaction. */
export function when({ block, time, transaction }: PlaceView): Html {
  return html`<a href="${paths.transaction(transaction)}" title="${`Transaction ${transaction}`}">block ${number(block)}</a>${time === null ? '' : html`, ${timeOf(time)}`}`;
}

/** Seconds for people. */
export function duration(seconds: number): string {
  if (seconds < 120) return `${number(Math.round(seconds * 10) / 10)} s`;
  if (seconds < 7_200) return `${number(Math.round(seconds / 60))} min`;
  if (seconds < 172_800) return `${number(Math.round(seconds / 360) / 10)} h`;
  return `${number(Math.round(seconds / 8_640) / 10)} days`;
}
