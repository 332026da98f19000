import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CompiledProgram } from '../../src/proof/solveWitness.ts';
import { runCompiler, writePackage } from './windowMutant.ts';

/** A source file with one place changed. */
export type NoirMutant = {
  /** File, function, operator, and the statement before and after: no line numbers, so that it stays what it is while others move. */
  readonly name: string;
  readonly file: string;
  readonly operator: string;
  /** The whole file. */
  readonly text: string;
};

type Statement = { readonly start: number; readonly end: number; readonly within: string; readonly code: string };

/** Statements of a file in the order they stand: signatures, imports, comments and closing braces left out. */
function statementsOf(source: string): Statement[] {
  const lines = source.split('\n');
  const statements: Statement[] = [];
  let within = '';
  for (let i = 0; i < lines.length; i++) {
    const line = (lines[i] as string).trim();
    if (line === '' || line.startsWith('//') || line.startsWith('use ') || line.startsWith('pub mod ') || line.startsWith('}')) continue;
    if (/^(pub )?fn /.test(line)) {
      within = (/fn (\w+)/.exec(line) as RegExpExecArray)[1] as string;
      while (!(lines[i] as string).trimEnd().endsWith('{')) i++;
      continue;
    }
    const start = i;
    while (!/[;{}]$/.test((lines[i] as string).trim()) && !(lines[i + 1] ?? '}').trim().startsWith('}')) i++;
    statements.push({ start, end: i, within, code: lines.slice(start, i + 1).join('\n') });
  }
  return statements;
}

/** Whether a statement demands something of the witness by itself. */
function isConstraint(code: string): boolean {
  return /\bassert\(|assert_max_bit_size/.test(code) && !code.trim().startsWith('//');
}

/** The constraints in a file. */
export function constraintsOf(source: string): string[] {
  return statementsOf(source).flatMap(({ code }) => (isConstraint(code) ? [code.trim()] : []));
}

/** Each occurrence of a pattern replaced by itself. */
function each(code: string, pattern: RegExp, to: (match: RegExpExecArray) => string | undefined): string[] {
  return [...code.matchAll(new RegExp(pattern, 'g'))].flatMap((match) => {
    const text = to(match as RegExpExecArray);
    return text === undefined ? [] : [code.slice(0, match.index) + text + code.slice(match.index + match[0].length)];
  });
}

/** Array literals with one of their elements 0. */
function leaveOut(code: string): string[] {
  const changed: string[] = [];
  for (let open = code.indexOf('['); open >= 0; open = code.indexOf('[', open + 1)) {
    let depth = 0;
    let begin = open + 1;
    const items: [number, number][] = [];
    let literal = true;
    for (let i = open; i < code.length; i++) {
      const character = code[i] as string;
      if ('[(<'.includes(character)) depth++;
      if (depth === 1 && character === ';') literal = false;
      if (depth === 1 && (character === ',' || character === ']')) {
        items.push([begin, i]);
        begin = i + 1;
      }
      if ('])>'.includes(character)) depth--;
      if (depth === 0) break;
    }
    if (!literal || items.length < 2) continue;
    for (const [from, to] of items) {
      const item = code.slice(from, to);
      if (/^\s*\d*\s*$/.test(item)) continue;
      changed.push(`${code.slice(0, from)}${/^\s*/.exec(item)?.[0] ?? ''}0${code.slice(to)}`);
    }
  }
  return changed;
}

/** Whether a place lies within an index. */
function inBrackets(code: string, at: number): boolean {
  const before = code.slice(0, at);
  return before.lastIndexOf('[') > before.lastIndexOf(']') && !/\[[^\]]*,[^\]]*$/.test(before);
}

const otherKind: Record<string, string> = {
  A: 'SIDE',
  SIDE: 'EXCESS',
  EXCESS: 'REMAINDER',
  REMAINDER: 'A',
  DELTA: 'REMAINDER',
  DELTA_REMAINDER: 'REMAINDER',
};

/** What a condition says, and what stands around it. */
const assertion = /^(\s*assert\()(.*)(, "[^"]*"\);)$/s;

/** Changes of one statement, by operator. */
function changesOf(whole: string): [string, string][] {
  const changes: [string, string][] = [];
  const trimmed = whole.trim();
  if (/^(std::|pub global (CAPACITY|POWERS|[A-Z_]+: u32))/.test(trimmed)) return [];
  if (/;$/.test(trimmed) && !/^(let (?!_ )|for |if |pub )/.test(trimmed)) changes.push(['drop', '']);
  // Messages are no code.
  const parts = assertion.exec(whole);
  const [before, code, after] = parts === null ? ['', whole, ''] : (parts.slice(1) as [string, string, string]);
  const add = (operator: string, texts: readonly string[]): void => {
    for (const text of texts) changes.push([operator, before + text + after]);
  };
  if (parts !== null) {
    const [left, right] = code.split(' == ') as [string, string];
    const difference = `(${left}) - (${right})`;
    // Beside what it demands: one more, one less. What counts in twos never differs by one.
    const step = code.includes('2 * ') ? 2 : 1;
    add(`near, +${step}`, [`(${difference}) * (${difference} - ${step}) == 0`]);
    add(`near, -${step}`, [`(${difference}) * (${difference} + ${step}) == 0`]);
    add(
      'cube',
      each(code, /(\w+) \* \1 == \1/, ([, bit]) => `${bit} * ${bit} * ${bit} == ${bit}`),
    );
  }
  add(
    'widen',
    each(code, /assert_max_bit_size::<([^>]*)>/, ([, bits]) => `assert_max_bit_size::<${bits} + 1>`),
  );
  add('power', [
    ...each(code, /sum \* b\b/, () => 'sum * b * b'),
    ...each(code, /sum \* b_squared/, () => 'sum * b'),
    ...each(code, /POWERS\[([^\]]+)\]/, ([, bits]) => `POWERS[${bits} + 1]`),
  ]);
  // Of a term, not of an index or a condition on one.
  if (!/^(if|for) /.test(trimmed)) {
    const term = (to: string) => (match: RegExpExecArray) => (inBrackets(code, match.index) ? undefined : to);
    add('sign', [...each(code, / \+ /, term(' - ')), ...each(code, / - /, term(' + '))]);
  }
  add(
    'last',
    each(code, / in (\w+)\.\.(.*) \{/, ([, from, to]) => ` in ${from}..(${to}) - 1 {`),
  );
  add('index', [
    ...each(code, /\[(i|j|s|k|f|level)\]/, () => '[0]'),
    ...each(code, /\[(\d+)\]/, ([, index]) => `[${index === '0' ? 1 : Number(index) - 1}]`),
    ...each(code, /\[([A-Z_]+)\]/, ([, kind]) => (otherKind[kind as string] === undefined ? undefined : `[${otherKind[kind as string]}]`)),
    ...each(code, /\(cells, ([A-Z_]+)\)/, ([, kind]) => `(cells, ${otherKind[kind as string]})`),
  ]);
  add('number', [
    ...each(code, /, (\d+)\)/, ([, number]) => `, ${Number(number) + 1})`),
    ...each(code, /(TAG_\w+: Field =) (\d+)/, ([, tag, number]) => `${tag} ${Number(number) + 8}`),
  ]);
  add('leave out', leaveOut(code));
  return changes;
}

/** Every mutant of a file. */
export function mutantsOf(file: string, source: string): NoirMutant[] {
  const lines = source.split('\n');
  const seen = new Map<string, number>();
  const flat = (code: string): string => code.trim().replace(/\s+/g, ' ');
  return statementsOf(source).flatMap(({ start, end, within, code }) =>
    changesOf(code).map(([operator, changed]) => {
      const base = `${file} ${within} (${operator}): ${flat(code)}${changed === '' ? '' : ` => ${flat(changed)}`}`;
      const count = (seen.get(base) ?? 0) + 1;
      seen.set(base, count);
      const text = [...lines.slice(0, start), changed, ...lines.slice(end + 1)].join('\n');
      return { name: count === 1 ? base : `${base} (${count})`, file, operator, text };
    }),
  );
}

/** How many packages one compiler process takes: it keeps what it allocates. */
const batch = 60;

/** Compiles packages given by their sources; null where one does not compile. */
export async function compileSources(packages: readonly Readonly<Record<string, string>>[]): Promise<(CompiledProgram | null)[]> {
  const root = mkdtempSync(join(tmpdir(), 'assay-mutants-'));
  try {
    const folders = packages.map((sources, i) => {
      const folder = join(root, String(i));
      writePackage(folder, sources);
      return folder;
    });
    for (let i = 0; i < folders.length; i += batch) await runCompiler(folders.slice(i, i + batch));
    return folders.map((folder) => JSON.parse(readFileSync(join(folder, 'program.json'), 'utf8')) as CompiledProgram | null);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
