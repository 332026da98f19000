import { AssayError } from '../errors.ts';
import type { RawTable } from './rawTable.ts';

export type CsvOptions = {
  /** The column that holds the label: its name in the header, or its number from 0; undefined where samples have none. */
  readonly labelColumn: string | number | undefined;
  /** True where the first row names the columns. */
  readonly header: boolean;
  /** Labels as text, in the order of their class numbers; without it labels are integers. */
  readonly classNames?: readonly string[];
  /** A column that tells samples apart by text or number: its name or number; it is no feature unless `groupIsFeature`. */
  readonly groupColumn?: string | number;
  readonly groupIsFeature?: boolean;
};

const number = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** Rows of fields, RFC 4180: commas, quotes doubled inside quotes, LF or CRLF. */
function parseRows(text: string, fail: (what: string) => never): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    let field = '';
    if (text[at] === '"') {
      at++;
      for (;;) {
        if (at >= text.length) fail(`row ${rows.length + 1}: a quote is not closed`);
        if (text[at] === '"' && text[at + 1] === '"') {
          field += '"';
          at += 2;
        } else if (text[at] === '"') {
          at++;
          break;
        } else field += text[at++];
      }
    } else {
      const start = at;
      while (at < text.length && text[at] !== ',' && text[at] !== '\n' && text[at] !== '\r') {
        if (text[at] === '"') fail(`row ${rows.length + 1}: a quote inside an unquoted field`);
        at++;
      }
      field = text.slice(start, at);
    }
    row.push(field);
    if (text[at] === ',') {
      at++;
      // A comma at the very end opens one more, empty field.
      if (at === text.length) row.push('');
      continue;
    }
    if (text[at] === '\r' && text[at + 1] === '\n') at++;
    if (at < text.length && text[at] !== '\n') fail(`row ${rows.length + 1}: text after a field's end`);
    at++;
    rows.push(row);
    row = [];
  }
  if (row.length > 0) rows.push(row);
  return rows;
}

/**
 * Strict reader of CSV: every row has the same number of fields, every value is a finite decimal number, every label an integer or one of `classNames`.
 *
 * @throws DATA_CSV_MALFORMED
 */
export function decodeCsv(bytes: Uint8Array, options: CsvOptions): RawTable {
  const fail = (what: string, cause?: unknown): never => {
    throw new AssayError('DATA_CSV_MALFORMED', `CSV: ${what}`, { cause });
  };
  let text = '';
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    fail('it is not UTF-8', error);
  }
  const rows = parseRows(text, fail);
  const names = options.header ? rows.shift() : undefined;
  const columns = (names ?? rows[0])?.length ?? 0;
  if (rows.length === 0) fail('it has no samples');
  const { labelColumn } = options;
  const labelled = labelColumn !== undefined;
  if (columns < (labelled ? 2 : 1)) fail(labelled ? 'it needs at least one value and a label a row' : 'it needs at least one value a row');
  const columnOf = (named: string | number | undefined): number | undefined => {
    const at = typeof named === 'string' ? (names?.indexOf(named) ?? -1) : named;
    if (at !== undefined && (!Number.isSafeInteger(at) || at < 0 || at >= columns))
      fail(`there is no column ${named}${names === undefined ? `, of ${columns}` : `; its columns are ${names.join(', ').slice(0, 300)}`}`);
    return at;
  };
  const label = columnOf(labelColumn);
  const group = columnOf(options.groupColumn);
  if (group !== undefined && group === label) fail('one column cannot be label and group');
  const left = new Set([label, ...(options.groupIsFeature === true ? [] : [group])].filter((c) => c !== undefined));
  const first = options.header ? 2 : 1;
  const width = columns - left.size;
  if (width < 1) fail('it needs at least one value a row');
  const groups: string[] = [];
  const values = new Float64Array(rows.length * width);
  const labels = rows.flatMap((row, r) => {
    if (row.length !== columns) fail(`row ${r + first} has ${row.length} fields, expected ${columns}`);
    let k = r * width;
    row.forEach((field, c) => {
      if (c === group) groups.push(field);
      if (left.has(c)) return;
      const value = Number(field);
      if (!number.test(field) || !Number.isFinite(value))
        fail(`row ${r + first}, column ${c}: ${JSON.stringify(field.slice(0, 40))} is not a number`);
      values[k++] = value;
    });
    if (label === undefined) return [];
    const field = row[label] as string;
    if (options.classNames !== undefined) {
      const index = options.classNames.indexOf(field);
      if (index < 0) fail(`row ${r + first}: ${JSON.stringify(field.slice(0, 40))} is not one of the class names`);
      return index;
    }
    if (!/^\d{1,3}$/.test(field)) fail(`row ${r + first}: the label ${JSON.stringify(field.slice(0, 40))} is not an integer from 0 to 255`);
    return Number(field);
  });
  return { count: rows.length, width, values, labels, ...(group !== undefined && { groups }) };
}
