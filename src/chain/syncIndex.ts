import type { Hex } from 'viem';
import { BlockNotFoundError } from 'viem';
import { getBlock, getBlockNumber } from 'viem/actions';
import { AssayError, exitCodes, walkCauses } from '../errors.ts';
import { type ChainEvent, type ChainLog, decodeEvent, eventAddresses } from './chainEvent.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { keysOf, transactionKey } from './indexKeys.ts';
import type { IndexEntry, IndexedBlock, IndexState, IndexStorage, KeyedEntry } from './indexStorage.ts';
import { type ReadLogsReturnType, readLogs, widerSpan, widestSpan } from './readLogs.ts';
import { toChainError } from './toChainError.ts';

export type SyncIndexParameters = {
  readonly storage: IndexStorage;
  /** Blocks that must follow one before it is indexed. Default 0. */
  readonly confirmations?: number;
  /** Blocks whose hashes are kept: a deeper reorg makes the index start over. More than a node of the endpoint can lag. Default 64. */
  readonly kept?: number;
  /** Blocks whose logs are asked for at once, at most, where none of them can be reorganised any more: what the last call returned. Default 5,000. */
  readonly span?: number;
  /** The same object in every call, where the next range is to be read while one is written. */
  readonly ahead?: ReadAhead;
  /** Called when blocks are taken back, before they are read anew. */
  readonly onReorg?: (reorg: Reorg) => void;
  /** Called after old blocks were written, with their events in order: who adds them up need not read them again. */
  readonly onRange?: (range: { readonly from: number; readonly to: number; readonly events: readonly ChainEvent[] }) => void;
};

/** What is being read of the blocks after one that was about to be indexed; it counts only where that block is the last one then. */
export type ReadAhead = { pending?: { readonly after: IndexedBlock; readonly read: Promise<Read> } | undefined };

/** Blocks of the index above `ancestor` are on the chain no more; without one, none of those whose hashes are kept is. */
export type Reorg = { readonly from: number; readonly ancestor: number | undefined };

export type SyncIndexReturnType = {
  /** Nothing was left to do, or the node does not have it yet. */
  readonly caughtUp: boolean;
  /** The last block that is indexed; undefined before the first. */
  readonly block: number | undefined;
  /** What the node grants, and a little more: for the next call. */
  readonly span: number;
};

/** Blocks and events of one write, at most, where blocks are read one by one; events of one where they are read by ranges. A block is never cut. */
const batch = { blocks: 32, entries: 2_000, range: 10_000 } as const;

type Header = IndexedBlock & { readonly parentHash: Hex };

/**
 * Brings an index one write nearer to the head of the chain, or takes back what a reorganisation has undone.
 *
 * Old blocks are read by ranges, the last `kept` ones each by its hash, so that the answer of a node that lags, or is on another branch, is an error and not
 * silence. What was read is written only if the blocks still follow on what is indexed. Stopping it anywhere loses nothing.
 *
 * @throws CHAIN_RPC_UNREACHABLE, CHAIN_RPC_FAILED (try again later), and what the storage throws
 */
export async function syncIndex(chain: ChainReader, deployment: Deployment, parameters: SyncIndexParameters): Promise<SyncIndexReturnType> {
  const { storage, confirmations = 0, kept = 64, span = widestSpan, ahead, onReorg, onRange } = parameters;
  const pending = ahead?.pending;
  if (ahead !== undefined) ahead.pending = undefined;
  if (kept < 1) throw new AssayError('CHAIN_INDEX_KEPT', 'an index keeps at least one block hash', { exitCode: exitCodes.usage });
  const head = await headOf(chain);
  const state = await currentState(chain, deployment, storage);
  const last = state?.blocks.at(-1);
  if (state === undefined) return { caughtUp: true, block: undefined, span };
  if (last !== undefined || head >= state.anchor.number) {
    const found = await findAncestor(chain, state, head);
    if (found === 'behind') return { caughtUp: true, block: last?.number, span };
    if (found === 'none') {
      onReorg?.({ from: last?.number ?? state.anchor.number, ancestor: undefined });
      await storage.reset(await freshState(chain, deployment));
      return { caughtUp: false, block: undefined, span };
    }
    if (found !== undefined && found.number !== last?.number) {
      onReorg?.({ from: last?.number as number, ancestor: found.number });
      await storage.rollBack(found.number, { ...state, blocks: state.blocks.filter(({ number }) => number <= found.number) }, (entry) =>
        keysOfEntry(deployment, entry),
      );
      return { caughtUp: false, block: found.number, span };
    }
  }
  const next = last === undefined ? state.anchor.number : last.number + 1;
  const target = head - confirmations;
  if (target < next) return { caughtUp: true, block: last?.number, span };
  const settled = Math.min(target, head - kept);
  const read =
    next <= settled
      ? ((await followOn(chain, pending, last, settled)) ?? (await readRange(chain, deployment, last, next, settled, span)))
      : await readBlocks(chain, deployment, last, next, target);
  const end = read.blocks.at(-1);
  if (end === undefined) return { caughtUp: true, block: last?.number, span };
  // After a range the hashes before it say nothing about the blocks in between.
  const blocks = next <= settled ? read.blocks : [...state.blocks, ...read.blocks].slice(-kept);
  if (ahead !== undefined && end.number < settled) {
    const following = readRange(chain, deployment, end, end.number + 1, settled, read.span ?? span);
    // Its failure is told to who takes it.
    following.catch(() => undefined);
    ahead.pending = { after: end, read: following };
  }
  await storage.append(read.entries, { ...state, blocks });
  if (next <= settled) onRange?.({ from: next, to: end.number, events: read.events });
  return { caughtUp: end.number >= target, block: end.number, span: read.span ?? span };
}

type Read = {
  readonly blocks: readonly IndexedBlock[];
  readonly entries: readonly KeyedEntry[];
  readonly events: readonly ChainEvent[];
  readonly span?: number;
};

/** What was read ahead, where it follows on the last block and still stands. */
async function followOn(
  chain: ChainReader,
  pending: ReadAhead['pending'],
  last: IndexedBlock | undefined,
  settled: number,
): Promise<Read | undefined> {
  if (pending === undefined || pending.after.hash !== last?.hash) return undefined;
  const read = await pending.read;
  const end = read.blocks.at(-1);
  if (end === undefined || end.number > settled) return undefined;
  return (await headerAt(chain, end.number))?.hash === end.hash ? read : undefined;
}

/** Blocks that are old enough, by their numbers. Empty where the chain has changed meanwhile. */
async function readRange(
  chain: ChainReader,
  deployment: Deployment,
  last: IndexedBlock | undefined,
  from: number,
  to: number,
  span: number,
): Promise<Read> {
  const nothing: Read = { blocks: [], entries: [], events: [] };
  const before = await headerAt(chain, to);
  const range = { address: eventAddresses(deployment), fromBlock: BigInt(from), toBlock: BigInt(to) };
  const read = cut(await readLogs(chain, { ...range, span }), from);
  const end = await headerAt(chain, Number(read.toBlock));
  const after = await headerAt(chain, to);
  if (before === undefined || end === undefined || before.hash !== after?.hash) return nothing;
  if (last !== undefined && (await headerAt(chain, last.number))?.hash !== last.hash) return nothing;
  return { blocks: [{ number: end.number, hash: end.hash }], ...entriesOf(deployment, read.logs), span: widerSpan(read.span) };
}

/** One write holds what memory holds: whole blocks from the first on. The next range, a little wider than what was granted, is as short. */
function cut(read: ReadLogsReturnType, from: number): ReadLogsReturnType {
  const { logs, toBlock } = read;
  const over = logs[batch.range];
  if (over === undefined) return read;
  const first = BigInt(from);
  // A single block is never cut.
  const last = over.blockNumber > first ? over.blockNumber - 1n : first;
  if (last >= toBlock) return read;
  return { logs: logs.filter(({ blockNumber }) => blockNumber <= last), toBlock: last, span: Math.ceil((Number(last - first) + 1) * 0.8) };
}

/** Blocks near the head, one by one by their hashes. Ends before one that the node does not give, or that does not follow on the one before. */
async function readBlocks(
  chain: ChainReader,
  deployment: Deployment,
  last: IndexedBlock | undefined,
  next: number,
  target: number,
): Promise<Read> {
  const blocks: IndexedBlock[] = [];
  const entries: KeyedEntry[] = [];
  let parent = last;
  for (let number = next; number <= target && blocks.length < batch.blocks && entries.length < batch.entries; number++) {
    try {
      const header = await headerAt(chain, number);
      if (header === undefined || (parent !== undefined && header.parentHash !== parent.hash)) break;
      const logs = await logsOf(chain, deployment, header.hash);
      if (logs === undefined) break;
      entries.push(...entriesOf(deployment, logs).entries);
      parent = { number, hash: header.hash };
      blocks.push(parent);
    } catch (error) {
      // What was read is good: the fault will be back, or it is gone.
      if (blocks.length === 0) throw error;
      break;
    }
  }
  return { blocks, entries, events: [] };
}

/**
 * The newest kept block that the chain still has. `undefined` where nothing is indexed; `none` where none is on the chain, `behind` where the node
 * has not come so far that it could tell.
 */
async function findAncestor(chain: ChainReader, state: IndexState, head: number): Promise<IndexedBlock | 'none' | 'behind' | undefined> {
  const { blocks, anchor } = state;
  const matches = async ({ number, hash }: IndexedBlock): Promise<boolean | undefined> => {
    const header = await headerAt(chain, number);
    return header === undefined ? undefined : header.hash === hash;
  };
  const known = blocks.filter(({ number }) => number <= head);
  const newest = known.at(-1);
  if (newest === undefined) {
    const same = await matches(anchor);
    if (same === false) return 'none';
    return blocks.length === 0 && same === true ? undefined : 'behind';
  }
  const same = await matches(newest);
  if (same === undefined) return 'behind';
  // All that the node has is indexed: it lags behind another that was asked before.
  if (same) return newest.number === blocks.at(-1)?.number ? newest : 'behind';
  // Blocks that are on the chain come before those that are not.
  let [on, off] = [-1, known.length - 1];
  while (off - on > 1) {
    const middle = (on + off) >> 1;
    const found = await matches(known[middle] as IndexedBlock);
    if (found === undefined) return 'behind';
    if (found) on = middle;
    else off = middle;
  }
  return known[on] ?? 'none';
}

const nameOf = (deployment: Deployment): string => `${deployment.chainId}/${deployment.addresses.jobManager.toLowerCase()}`;

/** The state; of another deployment's index, or of none, a fresh one. Undefined where the node has not come to the deployment yet. */
async function currentState(chain: ChainReader, deployment: Deployment, storage: IndexStorage): Promise<IndexState | undefined> {
  const state = await storage.state();
  if (state?.deployment === nameOf(deployment)) return state;
  if ((await headerAt(chain, deployment.firstBlock)) === undefined) return undefined;
  const fresh = await freshState(chain, deployment);
  await storage.reset(fresh);
  return fresh;
}

async function freshState(chain: ChainReader, deployment: Deployment): Promise<IndexState> {
  const anchor = await headerAt(chain, deployment.firstBlock);
  if (anchor === undefined)
    throw new AssayError('CHAIN_RPC_FAILED', `the node has no block ${deployment.firstBlock}`, { exitCode: exitCodes.network });
  return { deployment: nameOf(deployment), anchor: { number: anchor.number, hash: anchor.hash }, blocks: [] };
}

async function headOf(chain: ChainReader): Promise<number> {
  try {
    return Number(await getBlockNumber(chain.client, { cacheTime: 0 }));
  } catch (error) {
    throw toChainError(error, chain.rpcUrl);
  }
}

/** Undefined where the node does not have the block. */
async function headerAt(chain: ChainReader, number: number): Promise<Header | undefined> {
  try {
    const { hash, parentHash } = await getBlock(chain.client, { blockNumber: BigInt(number) });
    return { number, hash, parentHash };
  } catch (error) {
    if (walkCauses(error, (e) => e instanceof BlockNotFoundError) !== undefined) return undefined;
    throw toChainError(error, chain.rpcUrl);
  }
}

type RpcLog = {
  readonly address: Hex;
  readonly topics: readonly Hex[];
  readonly data: Hex;
  readonly blockNumber: Hex;
  readonly blockHash: Hex;
  readonly transactionHash: Hex;
  readonly logIndex: Hex;
  readonly blockTimestamp?: Hex | null;
};

/** The deployment's logs in one block; undefined where they are of another. Throws where the node does not have the block. */
async function logsOf(chain: ChainReader, deployment: Deployment, blockHash: Hex): Promise<readonly ChainLog[] | undefined> {
  try {
    const filter = { blockHash, address: eventAddresses(deployment) };
    const logs = (await chain.client.request({ method: 'eth_getLogs', params: [filter] } as never)) as readonly RpcLog[];
    if (logs.some((log) => log.blockHash !== blockHash)) return undefined;
    return logs.map(({ blockTimestamp, ...log }) => ({
      ...log,
      blockNumber: BigInt(log.blockNumber),
      logIndex: Number(log.logIndex),
      time: blockTimestamp == null ? undefined : Number(blockTimestamp),
    }));
  } catch (error) {
    throw toChainError(error, chain.rpcUrl);
  }
}

function entriesOf(deployment: Deployment, logs: readonly ChainLog[]): Pick<Read, 'entries' | 'events'> {
  const entries: KeyedEntry[] = [];
  const events: ChainEvent[] = [];
  let transaction: Hex | undefined;
  for (const log of logs) {
    const event = decodeEvent(deployment, log);
    if (event === undefined) continue;
    const { blockHash, transactionHash, address, topics, data, logIndex, time } = log;
    events.push(event);
    const keys = keysOf(event);
    // Those of one transaction lie side by side: the first is enough to find them.
    if (transactionHash !== transaction) keys.push(transactionKey(transactionHash));
    transaction = transactionHash;
    entries.push({ block: Number(log.blockNumber), logIndex, time, blockHash, transactionHash, address, topics, data, keys });
  }
  return { entries, events };
}

/** All keys that an entry may have been added with. */
function keysOfEntry(deployment: Deployment, entry: IndexEntry): readonly string[] {
  const event = decodeEvent(deployment, { ...entry, blockNumber: BigInt(entry.block) });
  return [...(event === undefined ? [] : keysOf(event)), transactionKey(entry.transactionHash)];
}
