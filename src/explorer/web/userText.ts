import { html } from 'hono/html';
import type { Html } from './html.ts';

/** Characters that are not there to be read: controls, marks that turn the direction of text, spaces of no width, halves of pairs. */
const odd = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\u2028\u2029\ufffd]/u;

const longest = 300;

/**
 * What somebody has written: as text, cut where it is long, on its own as to direction, with characters that would not be seen shown by their number. Never a link: nobody
 * has looked at where it leads.
 */
export function userText(text: string): Html {
  const characters = Array.from(text);
  const shown: Html[] = [];
  let plain = '';
  for (const character of characters.slice(0, longest)) {
    if (!odd.test(character)) {
      plain += character;
      continue;
    }
    const code = character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0') ?? '';
    shown.push(html`${plain}<span class="odd">U+${code}</span>`);
    plain = '';
  }
  const rest = characters.length - longest;
  return html`<bdi class="user">${shown}${plain}${rest > 0 ? html` <span class="odd">and ${String(rest)} more characters</span>` : ''}</bdi>`;
}
