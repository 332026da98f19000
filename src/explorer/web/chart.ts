import { html } from 'hono/html';
import type { Html } from './html.ts';
import { number } from './number.ts';

export type ChartSeries = {
  readonly label: string;
  /** One for each x; undefined where there is none. */
  readonly values: readonly (number | undefined)[];
};

/**
 * A chart of which the data is a table: the page's script draws what the table says, and without scripts, or without eyes, the table is the chart.
 *
 * @param xs ascending
 */
export function chart(title: string, xLabel: string, xs: readonly number[], series: readonly ChartSeries[], empty: string): Html {
  if (xs.length === 0) return html`<figure class="chart"><figcaption>${title}</figcaption><p class="empty">${empty}</p></figure>`;
  const said = series.map(({ label, values }) => sayRange(label, values)).join(' ');
  const rows = xs.map(
    (x, i) =>
      html`<tr><th scope="row">${String(x)}</th>${series.map(({ values }) => {
        const value = values[i];
        return value === undefined
          ? html`<td class="number" data-value=""></td>`
          : html`<td class="number" data-value="${String(value)}">${number(value)}</td>`;
      })}</tr>`,
  );
  return html`<figure class="chart">
<figcaption>${title}</figcaption>
<p class="said">${said}</p>
<div class="plot needs-script" role="img" aria-label="${`${title}. ${said} The table below has every point.`}"></div>
<details><summary>${title} as a table</summary><div class="table" tabindex="0" role="region" aria-label="${title}, table"><table><caption class="visually-hidden">${title}</caption><thead><tr><th scope="col">${xLabel}</th>${series.map(
    ({ label }) => html`<th scope="col" class="number">${label}</th>`,
  )}</tr></thead><tbody>${rows}</tbody></table></div></details>
</figure>`;
}

/** A series in words: where it begins and ends, and how far it goes. */
function sayRange(label: string, values: readonly (number | undefined)[]): string {
  const known = values.filter((value) => value !== undefined);
  const first = known[0];
  const last = known.at(-1);
  if (first === undefined || last === undefined) return `${label}: nothing yet.`;
  const low = known.reduce((a, b) => Math.min(a, b));
  const high = known.reduce((a, b) => Math.max(a, b));
  if (low === high) return `${label}: ${number(first)} throughout.`;
  return `${label}: from ${number(first)} to ${number(last)}, lowest ${number(low)}, highest ${number(high)}.`;
}
