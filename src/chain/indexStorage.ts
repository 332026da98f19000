import type { Hex } from 'viem';

/** A block up to which, with all below it, every event has been stored. */
export type IndexedBlock = { readonly number: number; readonly hash: Hex };

/** Where an event stands on the chain. */
export type IndexPosition = { readonly block: number; readonly logIndex: number };

/** An event as the node gave it. */
export type IndexEntry = IndexPosition & {
  /** Unix seconds; undefined where the node did not tell it with its logs. */
  readonly time?: number | undefined;
  readonly blockHash: Hex;
  readonly transactionHash: Hex;
  readonly address: Hex;
  readonly topics: readonly Hex[];
  readonly data: Hex;
};

/** An event and what it can be found by; keys are ASCII without a zero. */
export type KeyedEntry = IndexEntry & { readonly keys: readonly string[] };

/** How far an index is. */
export type IndexState = {
  /** What is indexed: another deployment's index is of no use. */
  readonly deployment: string;
  /** The block before which there is nothing to index: a chain that has another one there was started anew. */
  readonly anchor: IndexedBlock;
  /** The last indexed blocks, oldest first; empty at first. */
  readonly blocks: readonly IndexedBlock[];
};

export type IndexQuery = {
  readonly key: string;
  /** Only what lies beyond, in the direction of the query. */
  readonly after?: IndexPosition | undefined;
  readonly limit: number;
  /** Default: oldest first. */
  readonly newestFirst?: boolean;
};

/**
 * What an index is kept in. `src/store/chainIndex.ts` is one on disk. Each write is atomic and durable once it resolves: after a crash there is the
 * state before it, or the one after it.
 */
export type IndexStorage = {
  state(): Promise<IndexState | undefined>;
  /** Adds entries, none of which is there yet, and sets the state. */
  append(entries: readonly KeyedEntry[], state: IndexState): Promise<void>;
  /** Removes the entries above a block, with the keys that they were added with, and sets the state. */
  rollBack(above: number, state: IndexState, keysOf: (entry: IndexEntry) => readonly string[]): Promise<void>;
  /** Removes everything and sets the state. */
  reset(state: IndexState): Promise<void>;
  /** Entries under a key, in order. */
  list(query: IndexQuery): Promise<readonly IndexEntry[]>;
  /** Every entry after a position, in order; or before it, newest first. */
  scan(query: Omit<IndexQuery, 'key'>): Promise<readonly IndexEntry[]>;
  /** Keys in use that begin so, in order, each once. */
  keys(query: { readonly prefix: string; readonly limit: number }): Promise<readonly string[]>;
};
