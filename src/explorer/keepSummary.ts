import { deserialize, serialize } from 'node:v8';
import type { Address } from 'viem';
import type { ChainEvent } from '../chain/chainEvent.ts';
import type { IndexReader } from '../chain/indexReader.ts';
import type { IndexedBlock, IndexState } from '../chain/indexStorage.ts';
import { addToSummary, emptySummary, type Summary } from './summary.ts';

/** Of what a summary holds and of how it is stored; another one is made anew from the index. */
const schema = `1/${process.versions.v8}`;

/** Events between two stored copies, at least. */
const storeEvery = 20_000;

type Digests = {
  state(): Promise<IndexState | undefined>;
  setDigest(name: string, block: number, value: Uint8Array): Promise<void>;
  digest(name: string): Promise<{ readonly block: number; readonly value: Uint8Array } | undefined>;
};

export type KeepSummaryParameters = {
  readonly reader: IndexReader;
  readonly storage: Digests;
  readonly assay: Address;
  /** Before it there is nothing. */
  readonly firstBlock: number;
  /** Blocks from the last one that may be taken back. */
  readonly kept: number;
};

export type KeptSummary = {
  /** Of all events up to the block that is indexed. What it returns must not be kept: it goes on. */
  current(): Promise<Summary>;
  /** Events of blocks that were just indexed, and that nothing takes back: they need not be read again. */
  add(range: { readonly from: number; readonly to: number; readonly events: readonly ChainEvent[] }): void;
  /** Blocks above `ancestor` are gone; all, without one. */
  rollBack(ancestor: number | undefined): void;
  /** Stores how far it is. */
  store(): Promise<void>;
};

/**
 * Keeps a summary at the head of an index. Two of them: one of blocks that nothing takes back, one of all; after a reorganisation the second begins anew
 * as a copy of the first.
 */
export function keepSummary({ reader, storage, assay, firstBlock, kept }: KeepSummaryParameters): KeptSummary {
  let settled: Summary | undefined;
  /** The last block whose events are all in `settled`. */
  let settledTo = -1;
  /** The last block of which it was said that nothing takes it back. */
  let rangeEnd = -1;
  let tip: { readonly summary: Summary; readonly at: IndexedBlock } | undefined;
  let storedEvents = 0;
  let epoch = 0;
  let turn: Promise<unknown> = Promise.resolve();

  async function load(): Promise<Summary> {
    try {
      const stored = await storage.digest('summary');
      const found = stored === undefined ? undefined : (deserialize(stored.value) as { schema: string; summary: Summary });
      if (found?.schema !== schema) return emptySummary();
      storedEvents = found.summary.events;
      return found.summary;
    } catch {
      // Of another version of the runtime: the index has all that it was made of.
      return emptySummary();
    }
  }

  async function advance(summary: Summary, toBlock: number): Promise<void> {
    for (;;) {
      const after = summary.block < 0 ? undefined : { block: summary.block, logIndex: summary.logIndex };
      const events = await reader.scan(after, 2_000);
      for (const event of events) {
        if (Number(event.blockNumber) > toBlock) return;
        addToSummary(summary, event, assay);
      }
      if (events.length < 2_000) return;
    }
  }

  async function bring(): Promise<Summary> {
    for (;;) {
      const begun = epoch;
      const blocks = (await storage.state())?.blocks ?? [];
      const last = blocks.at(-1);
      settled ??= await load();
      const end = last?.number ?? -1;
      const to = Math.max(end - kept, Math.min(rangeEnd, end));
      await advance(settled, to);
      settledTo = Math.max(settledTo, to);
      // Blocks below those whose hashes are kept are taken back with all others only.
      const stands = tip !== undefined && (tip.at.number < (blocks[0]?.number ?? 0) || blocks.some(({ hash }) => hash === tip?.at.hash));
      const summary = stands && tip !== undefined && tip.summary.events >= settled.events ? tip.summary : copyOf(settled);
      if (last === undefined) return summary;
      await advance(summary, last.number);
      tip = { summary, at: last };
      if (settled.events - storedEvents >= storeEvery) await store();
      // Blocks were taken back meanwhile: what was read may be of both chains.
      const after = (await storage.state())?.blocks ?? [];
      if (begun === epoch && (after.some(({ hash }) => hash === last.hash) || (after[0]?.number ?? 0) > last.number)) return summary;
      tip = undefined;
    }
  }

  async function store(): Promise<void> {
    if (settled === undefined || settled.events === storedEvents) return;
    await storage.setDigest('summary', settled.block, new Uint8Array(serialize({ schema, summary: settled })));
    storedEvents = settled.events;
  }

  const inTurn = <T>(action: () => Promise<T>): Promise<T> => {
    const run = turn.then(action);
    turn = run.catch(() => undefined);
    return run;
  };

  return {
    current: () => inTurn(bring),
    add({ from, to, events }) {
      const begun = epoch;
      rangeEnd = to;
      void inTurn(async () => {
        if (begun !== epoch) return;
        if (settled === undefined && from === firstBlock) {
          settled = emptySummary();
          settledTo = from - 1;
        }
        // What does not follow is read from the index when it is asked for.
        if (settled === undefined || settledTo < from - 1) return;
        for (const event of events) if (Number(event.blockNumber) > settledTo) addToSummary(settled, event, assay);
        settledTo = Math.max(settledTo, to);
      });
    },
    rollBack(ancestor) {
      epoch++;
      tip = undefined;
      rangeEnd = Math.min(rangeEnd, ancestor ?? -1);
      if (ancestor !== undefined && settled !== undefined && settled.block <= ancestor) return;
      // Deeper than what nothing takes back: a node that was set back, or another chain.
      settled = undefined;
      settledTo = -1;
      storedEvents = 0;
    },
    store: () => inTurn(store),
  };
}

function copyOf(summary: Summary): Summary {
  return deserialize(serialize(summary)) as Summary;
}
