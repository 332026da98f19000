import { Box, Text, useApp, useInput, useWindowSize } from 'ink';
import { createElement as h, type ReactNode, useReducer, useRef } from 'react';
import type { Explorer } from '../../../explorer/explorer.ts';
import type { StatusView } from '../../../explorer/views.ts';
import { plain, plainLines } from '../../framework/plain.ts';
import { stateColour } from '../sheet.ts';
import { detailText } from './detailText.ts';
import { type Listing, type Row, type Target, tabs } from './tabs.ts';
import { useLive } from './useLive.ts';

export type AppProps = {
  readonly explorer: Explorer;
  /** Whether the terminal takes colours; what is selected is marked without them, too. */
  readonly colours: boolean;
};

/** What lies over the lists; the last is seen. */
type Layer =
  | { readonly kind: 'detail'; readonly target: Target; readonly offset: number }
  | { readonly kind: 'search'; readonly text: string; readonly asked: string | undefined; readonly selected: number }
  | { readonly kind: 'help' };

/** Where the reader is. */
type Place = { readonly tab: number; readonly selected: string | undefined; readonly layers: readonly Layer[] };

const help = [
  'left, right, tab, 1 to 5   another list',
  'up, down, page up, page down, home, end   move',
  'enter   open what is selected',
  'esc, backspace   back',
  '/   search: a job, JOB/WINDOW, an address, or the first six digits of an id',
  '?   this help',
  'q, Ctrl-C   quit',
  '',
  'Lists show the last 100 and follow the chain; the commands show the rest.',
];

/** The live view of a deployment. */
export function App({ explorer, colours }: AppProps): ReactNode {
  const { columns, rows } = useWindowSize();
  const { exit } = useApp();
  // Kept beside React's own state: several keys may come before the next frame, and each must see what the one before has done.
  const place = useRef<Place>({ tab: 0, selected: undefined, layers: [] });
  const [, redraw] = useReducer((frames: number) => frames + 1, 0);
  const change = (next: Partial<Place>): void => {
    place.current = { ...place.current, ...next };
    redraw();
  };
  const { tab, selected, layers } = place.current;
  const layer = layers.at(-1);

  const status = useLive(explorer, 'status', () => explorer.status());
  const shown = tabs[tab] as (typeof tabs)[number];
  const list = useLive(explorer, `tab ${tab}`, () => shown.load(explorer));
  const target = layer?.kind === 'detail' ? layer.target : undefined;
  const detail = useLive(explorer, `detail ${target?.type} ${target?.id}`, async () =>
    target === undefined ? '' : detailText(explorer, target),
  );
  const asked = layer?.kind === 'search' ? layer.asked : undefined;
  const found = useLive(explorer, `search ${asked}`, async () => (asked === undefined ? undefined : explorer.search(asked)));

  // One line less than the terminal has: a full one scrolls.
  const height = Math.max(rows - 1, 6);
  const body = height - 4;
  const listing = list.value;
  // The selection stays with its row while others come above it.
  const indexOf = (key: string | undefined): number => Math.max(0, listing?.rows.findIndex((row) => row.key === key) ?? 0);
  const text = detail.value === undefined ? [] : wrap(plainLines(detail.value), columns);
  const hits = found.value?.hits ?? [];

  const push = (next: Layer): void => change({ layers: [...place.current.layers, next] });
  const replace = (next: Layer): void => change({ layers: [...place.current.layers.slice(0, -1), next] });
  const pop = (): void => change({ layers: place.current.layers.slice(0, -1) });
  const search = (over: Layer & { kind: 'search' }): void => {
    const hit = hits[over.selected];
    if (over.asked === over.text && hit !== undefined) push({ kind: 'detail', target: hit, offset: 0 });
    else if (over.text !== '') replace({ ...over, asked: over.text, selected: 0 });
  };

  useInput((input, key) => {
    const now = place.current;
    const over = now.layers.at(-1);
    if (over?.kind === 'search') {
      const moved = moveBy(key, body - 1);
      if (key.escape) return pop();
      if (key.return) return search(over);
      if (moved !== undefined) return replace({ ...over, selected: clamp(over.selected + moved, hits.length) });
      if (key.backspace || key.delete) return replace({ ...over, text: over.text.slice(0, -1) });
      if (key.ctrl || key.meta || key.tab) return undefined;
      // What is pasted may end with the Enter.
      const [typed = '', ...lines] = input.split(/[\r\n]/);
      const text = plain(over.text + typed).slice(0, 100);
      return lines.length > 0 ? search({ ...over, text }) : replace({ ...over, text });
    }
    if (input === 'q') return exit();
    if (input === '?' && over?.kind !== 'help') return push({ kind: 'help' });
    if (input === '/') return push({ kind: 'search', text: '', asked: undefined, selected: 0 });
    if (over !== undefined) {
      if (key.escape || key.backspace || key.delete || key.leftArrow || over.kind === 'help') return pop();
      const moved = moveBy(key, body);
      const last = Math.max(0, text.length - body - 1);
      return moved === undefined ? undefined : replace({ ...over, offset: Math.min(Math.max(0, over.offset + moved), last) });
    }
    const turn = key.rightArrow || (key.tab && !key.shift) ? 1 : key.leftArrow || key.tab ? -1 : 0;
    const named = /^[1-9]$/.test(input) ? Number(input) - 1 : undefined;
    if (turn !== 0 || (named !== undefined && named < tabs.length))
      return change({ tab: named ?? (now.tab + turn + tabs.length) % tabs.length, selected: undefined });
    // Of a list that is not drawn yet nothing can be chosen.
    const rowsOf = now.tab === tab ? (listing?.rows ?? []) : [];
    const at = indexOf(now.selected);
    const row = rowsOf[at];
    if (row === undefined) return undefined;
    if (key.return) return push({ kind: 'detail', target: row.target, offset: 0 });
    const moved = moveBy(key, body);
    return moved === undefined ? undefined : change({ selected: rowsOf[clamp(at + moved, rowsOf.length)]?.key });
  });

  const line = (key: string, content: string, style: object = {}): ReactNode =>
    h(Text, { key, wrap: 'truncate', ...style }, content === '' ? ' ' : content);
  const frame = (name: string, content: readonly ReactNode[], hint: string): ReactNode =>
    h(
      Box,
      { flexDirection: 'column', width: columns, height },
      line('head', `assay explorer  ${statusText(status.value)}`, { bold: true }),
      h(
        Text,
        { key: 'tabs', wrap: 'truncate' },
        ...tabs.map((one, i) => h(Text, { key: one.name, inverse: i === tab && layer === undefined }, ` ${i + 1} ${one.name} `)),
        layer === undefined ? '' : ` > ${name}`,
      ),
      h(Box, { key: 'body', flexDirection: 'column', height: height - 3 }, ...content),
      line('foot', problem(status, list.error ?? detail.error ?? found.error) ?? hint, { dimColor: true }),
    );

  if (layer?.kind === 'help')
    return frame(
      'help',
      help.map((content, i) => line(`help ${i}`, content)),
      'any key goes back',
    );
  if (layer?.kind === 'detail') {
    const waits = text.length === 0 && detail.error === undefined;
    const seen = waits ? ['...'] : text.slice(layer.offset, layer.offset + body + 1);
    const lines =
      text.length > body ? `lines ${layer.offset + 1} to ${Math.min(text.length, layer.offset + body + 1)} of ${text.length}  ` : '';
    return frame(
      `${layer.target.type} ${plain(layer.target.id)}`,
      seen.map((content, i) => line(`line ${i}`, content)),
      `${lines}esc back  / search  q quit`,
    );
  }
  if (layer?.kind === 'search') {
    const first = firstSeen(layer.selected, hits.length, body - 1);
    const none = layer.asked !== undefined && found.value !== undefined && hits.length === 0;
    return frame(
      'search',
      [
        line('prompt', `/${layer.text}_`),
        ...(none ? [line('none', 'nothing found')] : []),
        ...hits.slice(first, first + body - 1).map((hit, i) =>
          line(`hit ${i}`, `${first + i === layer.selected ? '>' : ' '} ${hit.type}  ${plain(hit.id)}  ${plain(hit.label)}`, {
            inverse: first + i === layer.selected,
          }),
        ),
      ],
      'enter searches, then opens  esc back',
    );
  }
  const rowsSeen = listing === undefined ? [line('wait', '...')] : listLines(listing, indexOf(selected), body, shown.none, colours, line);
  return frame(shown.name, rowsSeen, 'arrows move  enter opens  / search  ? help  q quit');
}

type Line = (key: string, content: string, style?: object) => ReactNode;

function listLines({ heading, rows, more }: Listing, at: number, body: number, none: string, colours: boolean, line: Line): ReactNode[] {
  if (rows.length === 0) return [line('none', none)];
  const cells = rows.map((row) => row.cells.map(plain));
  const widths = heading.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i]?.length ?? 0)));
  const first = firstSeen(at, rows.length, body);
  const pad = (texts: readonly string[]): string[] => texts.map((cell, i) => cell.padEnd(widths[i] ?? 0));
  return [
    line('heading', `  ${pad(heading).join('  ')}${more ? '  (the last 100)' : ''}`, { dimColor: true }),
    ...rows.slice(first, first + body).map((row, i) => {
      const chosen = first + i === at;
      const padded = pad(cells[first + i] ?? []);
      return h(
        Text,
        { key: row.key, wrap: 'truncate', inverse: chosen },
        chosen ? '> ' : '  ',
        ...padded.flatMap((cell, c) => [cellOf(row, c, cell, colours), c === padded.length - 1 ? '' : '  ']),
      );
    }),
  ];
}

function cellOf(row: Row, index: number, padded: string, colours: boolean): ReactNode {
  if (!colours || row.state !== index) return padded;
  return h(Text, { key: `cell ${index}`, color: stateColour(padded.trim()) }, padded);
}

function statusText(status: StatusView | undefined): string {
  if (status === undefined) return '...';
  const { chainId, indexed, head, behind } = status;
  if (indexed === null || head === null) return `chain ${chainId}  no block yet`;
  return `chain ${chainId}  block ${indexed}${behind === 0 || behind === null ? '' : ` of ${head}, ${behind} behind`}`;
}

function problem(
  status: { readonly value: StatusView | undefined; readonly error: string | undefined },
  other: string | undefined,
): string | undefined {
  const error = status.error ?? status.value?.error?.message ?? other;
  return error === undefined ? undefined : `! ${plain(error)}`;
}

const clamp = (index: number, length: number): number => Math.max(0, Math.min(index, length - 1));

/** The first row of a list that is seen, so that the selected one is. */
const firstSeen = (at: number, length: number, height: number): number =>
  Math.max(0, Math.min(at - Math.floor(height / 2), length - height));

type Moves = { readonly [name in 'upArrow' | 'downArrow' | 'pageUp' | 'pageDown' | 'home' | 'end']: boolean };

function moveBy(key: Moves, page: number): number | undefined {
  if (key.upArrow) return -1;
  if (key.downArrow) return 1;
  if (key.pageUp) return -page;
  if (key.pageDown) return page;
  if (key.home) return -1e9;
  if (key.end) return 1e9;
  return undefined;
}

/** Lines no wider than the terminal; what is longer goes on below, between words where it can. */
function wrap(text: string, columns: number): string[] {
  const width = Math.max(columns, 20);
  return text.split('\n').flatMap((long) => {
    const lines: string[] = [];
    let rest = long;
    while (rest.length > width) {
      const space = rest.lastIndexOf(' ', width);
      const end = space > width / 2 ? space : width;
      lines.push(rest.slice(0, end));
      rest = `    ${rest.slice(end).trimStart()}`;
    }
    return [...lines, rest];
  });
}
