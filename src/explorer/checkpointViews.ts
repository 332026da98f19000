import { type Hex, hexToBigInt } from 'viem';
import { invalidCursor } from '../chain/invalidCursor.ts';
import { AssayError, exitCodes } from '../errors.ts';
import type { LineageQuery } from './explorer.ts';
import { isCheckpoint, walkLineage } from './lineage.ts';
import { allEvents, type EventNamed, named, notFound, parseHash, placeOf, type ViewContext } from './viewContext.ts';
import type { CheckpointRow, CheckpointView, LineageView } from './views.ts';
import { showCid, showId } from './words.ts';

export async function checkpointRowOf(context: ViewContext, event: EventNamed<'CheckpointRecorded'>): Promise<CheckpointRow> {
  const { checkpointId, circuitId, modelId, jobId, windowIndex, parentId, version, proved } = event.args;
  return {
    id: showId(checkpointId),
    circuitId,
    modelId,
    jobId: String(jobId),
    window: Number(windowIndex),
    parentId: parentId === 0n ? null : showId(parentId),
    version: Number(version),
    proved,
    recorded: await placeOf(context, event),
  };
}

/** @throws EXPLORER_NOT_FOUND */
export async function checkpointViewOf(context: ViewContext, id: Hex): Promise<CheckpointView> {
  const { reader } = context;
  const checkpointId = hexToBigInt(id);
  const about = ['checkpointId', checkpointId] as const;
  const [records, registrations, segments, audits] = await Promise.all([
    allEvents(reader, 'CheckpointRecorded', about),
    allEvents(reader, 'GenesisRegistered', about),
    allEvents(reader, 'SegmentProved', about),
    allEvents(reader, 'AuditOpened', about),
  ]);
  if (records.length + registrations.length + segments.length + audits.length === 0) throw notFound('checkpoint', id);
  const first = records[0];
  const proved = Map.groupBy(segments, ({ args }) => args.circuitId);
  return {
    id,
    modelId: first?.args.modelId ?? registrations[0]?.args.modelId ?? segments[0]?.args.modelId ?? null,
    genesis: await Promise.all(
      registrations.map(async (event) => {
        const { registrant, cid, licence, licenceHash } = event.args;
        return { registrant, cid: showCid(cid), licence: licence.slice(0, 10_000), licenceHash, at: await placeOf(context, event) };
      }),
    ),
    records: await Promise.all(
      records.map(async (event) => {
        const around = await reader.transactionEvents(event.transactionHash);
        const merge = named(around, 'CheckpointMerged').find(({ args }) => args.checkpointId === checkpointId);
        return { ...(await checkpointRowOf(context, event)), children: (merge?.args.children ?? []).map(showId) };
      }),
    ),
    next: await nextOf(context, checkpointId),
    wellFormed: [...proved].map(([circuitId, events]) => ({
      circuitId,
      segments: events.length,
      complete: events.some(({ args }) => args.complete),
    })),
    audits: audits.length,
  };
}

async function nextOf(context: ViewContext, checkpointId: bigint): Promise<CheckpointRow[]> {
  const found = await context.reader.events({ name: 'CheckpointRecorded', about: ['parentId', checkpointId], limit: 50 });
  return Promise.all(named(found.items, 'CheckpointRecorded').map((event) => checkpointRowOf(context, event)));
}

/** @throws EXPLORER_NOT_FOUND, CHAIN_CURSOR_INVALID, CHAIN_LIMIT_OUT_OF_RANGE */
export async function lineageViewOf(
  { reader }: ViewContext,
  id: Hex,
  { cursor, depth = 50, circuitId }: LineageQuery,
): Promise<LineageView> {
  if (!Number.isInteger(depth) || depth < 1 || depth > 200)
    throw new AssayError('CHAIN_LIMIT_OUT_OF_RANGE', `a walk has 1 to 200 steps, not ${depth}`, { exitCode: exitCodes.usage });
  const checkpointId = hexToBigInt(id);
  // Where a part ended: checkpoint, circuit, steps so far.
  const [, from, circuit, steps] = cursor === undefined ? [] : (/^([0-9a-f]{64})\.([0-9a-f]{64})\.(\d{1,9})$/.exec(cursor) ?? []);
  if (cursor !== undefined && from === undefined) throw invalidCursor(cursor);
  if (!(await isCheckpoint(reader, checkpointId))) throw notFound('checkpoint', id);
  const before = Number(steps ?? 0);
  const walked = await walkLineage(reader, from === undefined ? checkpointId : BigInt(`0x${from}`), {
    depth,
    circuitId: circuit === undefined ? (circuitId === undefined ? undefined : parseHash(circuitId)) : `0x${circuit}`,
    before,
  });
  const next =
    walked.rest === undefined || walked.circuitId === undefined
      ? null
      : `${showId(walked.rest).slice(2)}.${walked.circuitId.slice(2)}.${before + depth}`;
  return { id, ...walked.view, next };
}
