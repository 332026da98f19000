import { Box, Text, useApp, useInput, useWindowSize } from 'ink';
import { createElement as h, type ReactNode, useState } from 'react';
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

const help = [
  'left, right, tab, 1 to 5   another list',
  'up, down, page up, page down, home, end   move',
  'enter   open what is selected',
  'esc, backspace   back',
  '/   search: a job, JOB/WINDOW, an address, or the first six digits of an id',
  '?   this help',
  'q, Ctrl-C   quit',
  '',
  'Lists are of the last 100 and follow the chain. `assay explore --help` has the rest.',
];

/** The live view of a deployment. */
export function App({ explorer, colours }: AppProps): ReactNode {
  const { columns, rows } = useWindowSize();
  const { exit } = useApp();
  const [tab, setTab] = useState(0);
  const [selected, setSelected] = useState<string | undefined>(undefined);
  const [layers, setLayers] = useState<readonly Layer[]>([]);
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
  const at = Math.max(0, listing?.rows.findIndex(({ key }) => key === selected) ?? 0);
  const text = detail.value === undefined ? [] : wrap(plainLines(detail.value), columns);
  const hits = found.value?.hits ?? [];

  const push = (next: Layer): void => setLayers([...layers, next]);
  const replace = (next: Layer): void => setLayers([...layers.slice(0, -1), next]);
  const pop = (): void => setLayers(layers.slice(0, -1));

  useInput((input, key) => {
    if (layer?.kind === 'search') {
      const moved = moveBy(key, body - 1);
      if (key.escape) return pop();
      if (key.return) {
        const hit = hits[layer.selected];
        if (layer.asked === layer.text && hit !== undefined) return push({ kind: 'detail', target: hit, offset: 0 });
        return layer.text === '' ? undefined : replace({ ...layer, asked: layer.text, selected: 0 });
      }
      if (moved !== undefined) return replace({ ...layer, selected: clamp(layer.selected + moved, hits.length) });
      if (key.backspace || key.delete) return replace({ ...layer, text: layer.text.slice(0, -1) });
      if (key.ctrl || key.meta || key.tab) return undefined;
      return replace({ ...layer, text: plain(layer.text + input).slice(0, 100) });
    }
    if (input === 'q') return exit();
    if (input === '?' && layer?.kind !== 'help') return push({ kind: 'help' });
    if (input === '/') return push({ kind: 'search', text: '', asked: undefined, selected: 0 });
    if (layer !== undefined) {
      if (key.escape || key.backspace || key.delete || key.leftArrow || layer.kind === 'help') return pop();
      const moved = moveBy(key, body);
      if (moved !== undefined) replace({ ...layer, offset: Math.min(Math.max(0, layer.offset + moved), Math.max(0, text.length - body)) });
      return undefined;
    }
    const turn = key.rightArrow || (key.tab && !key.shift) ? 1 : key.leftArrow || key.tab ? -1 : 0;
    const named = /^[1-9]$/.test(input) ? Number(input) - 1 : undefined;
    if (turn !== 0 || (named !== undefined && named < tabs.length)) {
      setTab(named ?? (tab + turn + tabs.length) % tabs.length);
      return setSelected(undefined);
    }
    const row = listing?.rows[at];
    if (key.return) return row === undefined ? undefined : push({ kind: 'detail', target: row.target, offset: 0 });
    const moved = moveBy(key, body);
    if (moved !== undefined) setSelected(listing?.rows[clamp(at + moved, listing.rows.length)]?.key);
    return undefined;
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
    const place =
      text.length > body ? `lines ${layer.offset + 1} to ${Math.min(text.length, layer.offset + body + 1)} of ${text.length}  ` : '';
    return frame(
      `${layer.target.type} ${plain(layer.target.id)}`,
      seen.map((content, i) => line(`line ${i}`, content)),
      `${place}esc back  / search  q quit`,
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
  const rowsSeen = listing === undefined ? [line('wait', '...')] : listLines(listing, at, body, shown.none, colours, line);
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

/** Lines no wider than the terminal; what is longer goes on below. */
function wrap(text: string, columns: number): string[] {
  const width = Math.max(columns, 20);
  return text.split('\n').flatMap((long) => {
    const lines: string[] = [];
    for (let rest = long; ; rest = `    ${rest.slice(width)}`) {
      lines.push(rest.slice(0, width));
      if (rest.length <= width) return lines;
    }
  });
}
