import type { Hex } from 'viem';
import type { ChainEvent } from '../chain/chainEvent.ts';
import type { IndexReader } from '../chain/indexReader.ts';
import type { LineageNode, LineageView } from './views.ts';
import { showId } from './words.ts';

type Recorded = Extract<ChainEvent, { name: 'CheckpointRecorded' }>;

/** The first record of a checkpoint under a circuit, or under any. */
async function recordOf(reader: IndexReader, checkpointId: bigint, circuitId?: Hex): Promise<Recorded | undefined> {
  let cursor: string | undefined;
  do {
    const page = await reader.events({ name: 'CheckpointRecorded', about: ['checkpointId', checkpointId], limit: 200, cursor });
    for (const event of page.items) {
      if (event.name === 'CheckpointRecorded' && (circuitId === undefined || event.args.circuitId === circuitId)) return event;
    }
    cursor = page.next;
  } while (cursor !== undefined);
  return undefined;
}

/**
 * Walks from a checkpoint back towards its genesis, at most `depth` steps. A merge has its children as parents, and they the base.
 *
 * @param before steps that earlier parts have gone: depths go on from there
 */
export async function walkLineage(
  reader: IndexReader,
  from: bigint,
  { depth, circuitId, before }: { readonly depth: number; readonly circuitId: Hex | undefined; readonly before: number },
): Promise<{ readonly view: Omit<LineageView, 'id' | 'next'>; readonly rest: bigint | undefined; readonly circuitId: Hex | undefined }> {
  const nodes: LineageNode[] = [];
  const edges: LineageView['edges'] = [];
  const seen = new Set<bigint>();
  const genesis = (id: bigint, at: number): LineageNode => ({
    id: showId(id),
    kind: 'genesis',
    jobId: null,
    window: null,
    version: null,
    proved: null,
    block: null,
    depth: before + at,
  });
  let current: bigint | undefined = from;
  let circuit = circuitId;
  for (let step = 0; current !== undefined; step++) {
    const id: bigint = current;
    // A lineage that came back to itself (a job from a checkpoint of its own) is shown once around.
    if (seen.has(id)) break;
    if (step >= depth) return { view: { nodes, edges }, rest: id, circuitId: circuit };
    seen.add(id);
    const record = await recordOf(reader, id, circuit);
    if (record === undefined) {
      nodes.push(genesis(id, step));
      break;
    }
    circuit ??= record.args.circuitId;
    const { parentId, jobId, windowIndex, version, proved } = record.args;
    const around = await reader.transactionEvents(record.transactionHash);
    const merge = around.find((event) => event.name === 'CheckpointMerged' && event.args.checkpointId === id);
    const place = { jobId: String(jobId), window: Number(windowIndex), proved, block: Number(record.blockNumber) };
    nodes.push({
      id: showId(id),
      kind: merge === undefined ? 'window' : 'merge',
      ...place,
      version: Number(version),
      depth: before + step,
    });
    if (merge?.name === 'CheckpointMerged') {
      const units = await reader.windowEvents('WindowFinalized', jobId, Number(windowIndex));
      for (const child of merge.args.children) {
        const unit = units.find((event) => event.name === 'WindowFinalized' && event.args.resultId === child);
        const submissionId = unit?.name === 'WindowFinalized' ? unit.args.submissionId : null;
        if (!nodes.some((node) => node.id === showId(child)))
          nodes.push({ id: showId(child), kind: 'child', ...place, version: null, depth: before + step });
        edges.push({ from: showId(child), to: showId(id), kind: 'merge', submissionId: null });
        edges.push({ from: showId(merge.args.baseId), to: showId(child), kind: 'base', submissionId });
      }
      current = merge.args.baseId;
      continue;
    }
    // 0: others were trained from it before any window ended in it, so its own origin is not followed.
    if (parentId === 0n) break;
    const made = around.find((event) => event.name === 'WindowFinalized' && event.args.resultId === id);
    edges.push({
      from: showId(parentId),
      to: showId(id),
      kind: 'window',
      submissionId: made?.name === 'WindowFinalized' ? made.args.submissionId : null,
    });
    current = parentId;
  }
  return { view: { nodes, edges }, rest: undefined, circuitId: circuit };
}

/** Whether anything is known of a checkpoint. */
export async function isCheckpoint(reader: IndexReader, id: bigint): Promise<boolean> {
  for (const name of ['CheckpointRecorded', 'GenesisRegistered', 'SegmentProved', 'AuditOpened'] as const) {
    if ((await reader.events({ name, about: ['checkpointId', id], limit: 1 })).items.length > 0) return true;
  }
  return false;
}
