import { z } from 'zod';
import { AssayError, exitCodes } from '../../errors.ts';
import type { CheckpointRow, CheckpointView, LineageView, PageView } from '../../explorer/views.ts';
import { paths } from '../../explorer/web/paths.ts';
import { defaultLimit, defineLook, pageText } from './defineLook.ts';
import { type PagingInput, pagingOptions } from './exploreOptions.ts';
import { lineageTree } from './lineageTree.ts';
import { checkpointTable } from './rows.ts';
import { placeText, type Sheet } from './sheet.ts';

type Input = PagingInput & {
  readonly id: string | undefined;
  readonly lineage: boolean;
  readonly depth: number;
  readonly circuit: string | undefined;
  readonly job: string | undefined;
};
type View = PageView<CheckpointRow> | CheckpointView | LineageView;

/** The text of one checkpoint. */
export function checkpointText(view: CheckpointView, sheet: Sheet): string {
  const parts = [
    sheet.title(`checkpoint ${view.id}`),
    sheet.facts([
      ['model', sheet.id(view.modelId)],
      ['audits', String(view.audits)],
    ]),
  ];
  if (view.genesis.length > 0) {
    const rows = view.genesis.map(({ registrant, cid, licence, at }) => [sheet.id(registrant), cid, licence, placeText(at)]);
    parts.push('', sheet.title('registered as genesis'), sheet.table(['by', 'blob', 'licence', 'at'], rows));
  }
  if (view.records.length > 0) parts.push('', sheet.title('made by'), checkpointTable(sheet, view.records));
  if (view.next.length > 0) parts.push('', sheet.title('led to'), checkpointTable(sheet, view.next));
  if (view.wellFormed.length > 0) {
    const rows = view.wellFormed.map((one) => [
      sheet.id(one.circuitId),
      String(one.segments),
      sheet.state(one.complete ? 'yes' : 'not yet'),
    ]);
    parts.push('', sheet.title('well-formed'), sheet.table(['circuit', 'segments', 'complete'], rows));
  }
  return parts.join('\n');
}

export const exploreCheckpoint = defineLook<Input, View>({
  name: 'explore checkpoint',
  summary: 'a checkpoint: where it comes from and where it led; --lineage draws its history',
  arguments: { id: { flags: '[id]', description: 'id of the checkpoint', schema: z.string().optional() } },
  options: {
    lineage: { flags: '--lineage', description: 'draw its history, newest first, with merges', schema: z.boolean().default(false) },
    depth: {
      flags: '--depth <steps>',
      description: 'with --lineage: steps back (default 50, at most 200)',
      schema: z.coerce.number().int().min(1).max(200).default(50),
    },
    circuit: { flags: '--circuit <id>', description: 'with --lineage: where several circuits led to it', schema: z.string().optional() },
    job: { flags: '--job <id>', description: 'list the checkpoints of this job', schema: z.string().optional() },
    ...pagingOptions,
  },
  examples: ['assay explore checkpoint --job 1', `assay explore checkpoint 0x${'0a'.repeat(32)} --lineage`],
  async look(explorer, { id, lineage, depth, circuit, job, limit = defaultLimit, cursor }) {
    if (id === undefined) {
      if (lineage) throw new AssayError('CLI_BAD_OPTION', '--lineage needs the id of a checkpoint', { exitCode: exitCodes.usage });
      return explorer.checkpoints({ limit, cursor, jobId: job, circuitId: circuit });
    }
    return lineage ? explorer.lineage(id, { depth, cursor, circuitId: circuit }) : explorer.checkpoint(id);
  },
  text(view, sheet) {
    if ('items' in view) return pageText(view, 'no checkpoints', (rows) => checkpointTable(sheet, rows));
    return 'nodes' in view ? lineageTree(view, sheet) : checkpointText(view, sheet);
  },
  path: (view) => ('items' in view ? undefined : paths.checkpoint(view.id)),
});
