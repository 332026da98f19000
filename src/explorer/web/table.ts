import { html } from 'hono/html';
import type { Content, Html } from './html.ts';

export type Column = { readonly label: string; readonly number?: boolean };

/**
 * A table of which each row is a card on a phone. The roles are said in so many words: a browser that lays rows out as blocks forgets them otherwise. The first cell of a row is its head.
 *
 * @param empty what is said instead where there is no row
 */
export function table(caption: string, columns: readonly Column[], rows: readonly (readonly Content[])[], empty: string): Html {
  if (rows.length === 0) return html`<p class="empty">${empty}</p>`;
  const head = columns.map(
    ({ label, number }) => html`<th scope="col" role="columnheader"${number === true ? html` class="number"` : ''}>${label}</th>`,
  );
  const body = rows.map(
    (cells) =>
      html`<tr role="row">${cells.map((cell, i) => {
        const { label, number } = columns[i] as Column;
        const kind = number === true ? html` class="number"` : '';
        return i === 0
          ? html`<th scope="row" role="rowheader" data-label="${label}"${kind}><div>${cell}</div></th>`
          : html`<td role="cell" data-label="${label}"${kind}><div>${cell}</div></td>`;
      })}</tr>`,
  );
  return html`<div class="table"><table class="cards" role="table"><caption class="visually-hidden">${caption}</caption><thead role="rowgroup"><tr role="row">${head}</tr></thead><tbody role="rowgroup">${body}</tbody></table></div>`;
}
