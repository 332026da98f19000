import pc from 'picocolors';
import { formatUnits } from 'viem';
import type { PlaceView, TokenView } from '../../explorer/views.ts';

/** How a cell is coloured; the text of it stays as it is. */
type Paint = (text: string) => string;

export type Cell = string | { readonly text: string; readonly paint: Paint };

/** How results are written: with ids in full or short, with colours or without. */
export type Sheet = {
  /** An id or address. */
  id(value: string | null): string;
  /** A table in aligned columns under a heading. */
  table(heading: readonly string[], rows: readonly (readonly Cell[])[]): string;
  /** Names and values. A value of undefined is left out. */
  facts(rows: readonly (readonly [name: string, value: Cell | undefined])[]): string;
  title(text: string): string;
  dim(text: string): Cell;
  /** A state, by whether it is good. */
  state(text: string): Cell;
};

const good = new Set(['active', 'finalized', 'proved', 'completed', 'paid', 'verified', 'yes', 'equal']);
const bad = new Set([
  'rejected',
  'orphaned',
  'revoked',
  'slashed',
  'cancelled',
  'false',
  'withheld',
  'equivocation',
  'attestation',
  'no',
  'abandoned',
]);

/** By whether a state is good. */
export function stateColour(state: string): 'green' | 'red' | 'yellow' {
  return good.has(state) ? 'green' : bad.has(state) ? 'red' : 'yellow';
}

/** An id as short as it can still be looked for: searching takes the first digits. */
export function shortId(value: string): string {
  return /^0x[0-9a-fA-F]{20,}$/.test(value) ? `${value.slice(0, 10)}..${value.slice(-4)}` : value;
}

const textOf = (cell: Cell): string => (typeof cell === 'string' ? cell : cell.text);
const painted = (cell: Cell, text: string): string => (typeof cell === 'string' ? text : cell.paint(text));

/** A sheet for stdout. @param colours whether it takes them */
export function createSheet(wide: boolean, colours: boolean): Sheet {
  const paint = pc.createColors(colours);
  const lines = (rows: readonly (readonly Cell[])[]): string => {
    const widths: number[] = [];
    for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, textOf(cell).length);
    return rows
      .map((row) =>
        row.map((cell, i) => painted(cell, i === row.length - 1 ? textOf(cell) : textOf(cell).padEnd(widths[i] as number))).join('  '),
      )
      .join('\n');
  };
  return {
    id: (value) => (value === null ? '-' : wide ? value : shortId(value)),
    table: (heading, rows) => lines([heading.map((text) => ({ text, paint: paint.dim })), ...rows]),
    facts: (rows) =>
      lines(rows.flatMap(([name, value]) => (value === undefined ? [] : [[{ text: name, paint: paint.dim }, value] as const]))),
    title: (text) => paint.bold(text),
    dim: (text) => ({ text, paint: paint.dim }),
    state: (text) => ({ text, paint: paint[stateColour(text)] }),
  };
}

/** The stake token of every deployment. */
const assay: Pick<TokenView, 'symbol' | 'decimals'> = { symbol: 'ASSAY', decimals: 18 };

/** An amount in whole tokens, or in units where the token does not say how many it has. */
export function amountText(amount: string, { symbol, decimals }: Pick<TokenView, 'symbol' | 'decimals'> = assay): string {
  const name = symbol ?? 'of an unnamed token';
  const whole = decimals !== null && decimals >= 0 && decimals <= 36;
  return whole ? `${formatUnits(BigInt(amount), decimals)} ${name}` : `${amount} units ${name}`;
}

export function placeText({ block, time }: Pick<PlaceView, 'block' | 'time'>): string {
  return time === null ? `block ${block}` : `block ${block}, ${timeText(time)}`;
}

/** To the second, in UTC. */
export function timeText(time: string): string {
  return `${time.slice(0, 19).replace('T', ' ')}Z`;
}

export function numberText(value: number | null, digits = 4): string {
  return value === null ? '-' : Number.isInteger(value) ? String(value) : value.toPrecision(digits);
}
