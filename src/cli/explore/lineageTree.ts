import type { LineageNode, LineageView } from '../../explorer/views.ts';
import type { Sheet } from './sheet.ts';

/**
 * The history of a checkpoint as a graph in text: newest first, one line a checkpoint, a column for each line of descent that is open; where a merge has
 * several parents the columns part, where they have one ancestor they join again.
 */
export function lineageTree({ id, nodes, edges, next }: LineageView, sheet: Sheet): string {
  const parents = new Map<string, Set<string>>();
  /** How many checkpoints that come from one are still to be drawn. */
  const open = new Map<string, number>();
  const known = new Map(nodes.map((node) => [node.id, node]));
  for (const { from, to } of edges) {
    const of = parents.get(to) ?? new Set();
    if (of.has(from)) continue;
    parents.set(to, of.add(from));
    open.set(from, (open.get(from) ?? 0) + 1);
  }
  const lines: string[] = [];
  let columns: string[] = [];
  const above = new Set<string>();
  // The one that was asked for comes first even where a lineage has come back to it.
  const ready = nodes.filter((node) => node.id === id || !open.get(node.id)).sort((a, b) => a.depth - b.depth);
  for (let node = ready.shift(); node !== undefined; node = ready.shift()) {
    const { id: drawn } = node;
    if (!columns.includes(drawn)) columns.push(drawn);
    const at = columns.indexOf(drawn);
    const joined = columns.flatMap((waits, i) => (waits === drawn && i > at ? [i] : []));
    if (joined.length > 0) lines.push(bend(columns.length, at, joined, ['╯', '┴']));
    columns = columns.filter((waits, i) => waits !== drawn || i === at);
    lines.push(`${columns.map((waits) => (waits === drawn ? '●' : '│')).join(' ')}  ${describe(node, sheet, drawn === id)}`);
    above.add(drawn);
    const from = [...(parents.get(drawn) ?? [])].filter((parent) => !above.has(parent));
    columns.splice(at, 1, ...from);
    if (from.length > 1)
      lines.push(
        bend(
          columns.length,
          at,
          from.slice(1).map((_, i) => at + 1 + i),
          ['╮', '┬'],
        ),
      );
    for (const parent of from) {
      const left = (open.get(parent) ?? 1) - 1;
      open.set(parent, left);
      const older = known.get(parent);
      if (left > 0 || older === undefined) continue;
      const place = ready.findIndex((other) => other.depth > older.depth);
      ready.splice(place < 0 ? ready.length : place, 0, older);
    }
  }
  const older = columns.filter((waits) => !known.has(waits)).length;
  if (next !== null)
    lines.push(
      `${columns.map(() => '┆').join(' ') || '┆'}  older history is left out${older > 1 ? ` (${older} lines of descent)` : ''}: --cursor ${next}`,
    );
  return lines.join('\n');
}

/** The line between two rows on which columns part from, or join, the one `at`. */
function bend(width: number, at: number, bent: readonly number[], [last, middle]: readonly [string, string]): string {
  const end = bent.at(-1) as number;
  let line = '';
  for (let i = 0; i < width; i++) {
    const shape = i === at ? '├' : i === end ? last : bent.includes(i) ? middle : i > at && i < end ? '┼' : '│';
    line += i === 0 ? shape : `${i > at && i <= end ? '─' : ' '}${shape}`;
  }
  return line;
}

function describe({ id, kind, jobId, window, version, proved, block }: LineageNode, sheet: Sheet, asked: boolean): string {
  const what = {
    genesis: 'genesis',
    window: `window ${window ?? '?'} of job ${jobId ?? '?'}`,
    merge: `merge of window ${window ?? '?'} of job ${jobId ?? '?'}`,
    child: `contribution${window === null ? '' : ` to window ${window}`}${jobId === null ? '' : ` of job ${jobId}`}`,
  }[kind];
  const facts = [
    what,
    ...(version === null || kind === 'genesis' ? [] : [`version ${version}`]),
    ...(proved === null || kind === 'genesis' ? [] : [proved ? 'proved' : 'by silence']),
    ...(block === null ? [] : [`block ${block}`]),
  ];
  const name = sheet.id(id);
  return `${asked ? sheet.title(name) : name}  ${facts.join(', ')}`;
}
