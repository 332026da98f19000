import { html } from 'hono/html';
import { formatUnits } from 'viem';
import type { TokenView } from '../views.ts';
import type { Html } from './html.ts';
import { number } from './number.ts';
import { userText } from './userText.ts';

/** The stake token of every deployment. */
export const assay: Pick<TokenView, 'symbol' | 'decimals'> = { symbol: 'ASSAY', decimals: 18 };

/** An amount in whole tokens, at most four decimals, or in units where the token does not say how many it has; its exact value is in the element. */
export function amountOf(amount: string, { symbol, decimals }: Pick<TokenView, 'symbol' | 'decimals'> = assay): Html {
  const name = symbol === null ? 'of an unnamed token' : userText(symbol);
  // A token may say that it has so many decimals that nothing is left of any amount.
  if (decimals === null || decimals < 0 || decimals > 36)
    return html`<data value="${amount}">${number(BigInt(amount))} units ${name}</data>`;
  return html`<data value="${amount}">${shown(BigInt(amount), decimals)} ${name}</data>`;
}

function shown(amount: bigint, decimals: number): string {
  const [whole = '0', rest = ''] = formatUnits(amount, decimals).split('.');
  const fraction = rest.slice(0, 4).replace(/0+$/, '');
  const sign = whole.startsWith('-') ? '-' : '';
  const groups = number(BigInt(whole.replace('-', '')));
  if (amount !== 0n && whole.replace('-', '') === '0' && fraction === '') return `${sign}under 0.0001`;
  return `${sign}${groups}${fraction === '' ? '' : `.${fraction}`}`;
}
