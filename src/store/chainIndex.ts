import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { decode, encode } from '@ipld/dag-cbor';
import { Level } from 'level';
import { AssayError, walkCauses } from '../errors.ts';
import type { Hex } from './submissionState.ts';

// The types are those of src/chain/indexStorage.ts, which this is an implementation of: rooms beside one another do not import each other.

type Block = { readonly number: number; readonly hash: Hex };
type Position = { readonly block: number; readonly logIndex: number };

type Entry = Position & {
  readonly time?: number | undefined;
  readonly blockHash: Hex;
  readonly transactionHash: Hex;
  readonly address: Hex;
  readonly topics: readonly Hex[];
  readonly data: Hex;
};

type State = { readonly deployment: string; readonly anchor: Block; readonly blocks: readonly Block[] };

type Range = { readonly after?: Position | undefined; readonly limit: number; readonly newestFirst?: boolean };

/** An index of a deployment's events on disk. */
export type ChainIndex = {
  state(): Promise<State | undefined>;
  append(entries: readonly (Entry & { readonly keys: readonly string[] })[], state: State): Promise<void>;
  rollBack(above: number, state: State, keysOf: (entry: Entry) => readonly string[]): Promise<void>;
  reset(state: State): Promise<void>;
  list(query: Range & { readonly key: string }): Promise<readonly Entry[]>;
  scan(query: Range): Promise<readonly Entry[]>;
  keys(query: { readonly prefix: string; readonly limit: number }): Promise<readonly string[]>;
  /** What was made of the entries up to a block, to begin from another time; forgotten once such a block is taken back. */
  setDigest(name: string, block: number, value: Uint8Array): Promise<void>;
  digest(name: string): Promise<{ readonly block: number; readonly value: Uint8Array } | undefined>;
  /** What a node said about something that is named by its hash, and so holds for ever. */
  setFact(key: string, value: Uint8Array): Promise<void>;
  fact(key: string): Promise<Uint8Array | undefined>;
  /** How many entries there are; reads them all. */
  count(): Promise<number>;
  close(): Promise<void>;
};

/** First byte of every key; an entry is found by its position, and by each of its keys followed by its position. */
const prefixes = { state: 0, entries: 1, keys: 2, digests: 3, facts: 4 } as const;

/** Version of what is stored: another one is thrown away and read anew from the chain. */
const schemaVersion = 2;

type Stored = State & { readonly schema: number; readonly generation: number };

const positionBytes = 8;
const digestBytes = 8;

/** 5 bytes of the block, 3 of the log. */
function putPosition(bytes: Buffer, at: number, { block, logIndex }: Position): void {
  bytes.writeUIntBE(block, at, 5);
  bytes.writeUIntBE(logIndex, at + 5, 3);
}

function positionOf(position: Position): Uint8Array {
  const bytes = Buffer.allocUnsafe(positionBytes);
  putPosition(bytes, 0, position);
  return bytes;
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

function digestOf(key: Uint8Array, payload: Uint8Array): Buffer {
  return createHash('sha256').update(Uint8Array.of(key.length)).update(key).update(payload).digest().subarray(0, digestBytes);
}

/** A record with a digest of itself and of its key: LevelDB checks none when it reads. */
function seal(key: Uint8Array, value: unknown): Uint8Array {
  const payload = encode(value);
  return join(digestOf(key, payload), payload);
}

function unseal(key: Uint8Array, sealed: Uint8Array): unknown {
  const payload = sealed.subarray(digestBytes);
  if (sealed.length < digestBytes || !digestOf(key, payload).equals(sealed.subarray(0, digestBytes))) throw corrupt('a checksum is wrong');
  return decode(new Uint8Array(payload));
}

const entryHead = 4 + 5 + 32 + 32 + 20 + 1;

/** An entry's value: a checksum of its key and of what follows, the time (0: none), both hashes, the address, the topics, the data. */
function packEntry(key: Uint8Array, { time = 0, blockHash, transactionHash, address, topics, data }: Entry): Uint8Array {
  const bytes = Buffer.allocUnsafe(entryHead + 32 * topics.length + (data.length - 2) / 2);
  bytes.writeUIntBE(time, 4, 5);
  // Digits are written where they stand: a copy of the text without its 0x is what takes the time.
  bytes.write(blockHash.slice(2), 9, 32, 'hex');
  bytes.write(transactionHash.slice(2), 41, 32, 'hex');
  bytes.write(address.slice(2), 73, 20, 'hex');
  bytes[93] = topics.length;
  let at = entryHead;
  for (const topic of topics) {
    bytes.write(topic.slice(2), at, 32, 'hex');
    at += 32;
  }
  if (data.length > 2) bytes.write(data.slice(2), at, 'hex');
  bytes.writeUInt32BE(crc32(bytes.subarray(4), crc32(key)), 0);
  return bytes;
}

function unpackEntry(key: Uint8Array, value: Uint8Array): Entry {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (bytes.length < entryHead || bytes.readUInt32BE(0) !== crc32(bytes.subarray(4), crc32(key))) throw corrupt('a checksum is wrong');
  const at = Buffer.from(key.buffer, key.byteOffset + key.length - positionBytes, positionBytes);
  const time = bytes.readUIntBE(4, 5);
  const hex = (from: number, to: number): Hex => `0x${bytes.toString('hex', from, to)}`;
  const count = bytes[93] as number;
  const end = entryHead + 32 * count;
  return {
    block: at.readUIntBE(0, 5),
    logIndex: at.readUIntBE(5, 3),
    time: time === 0 ? undefined : time,
    blockHash: hex(9, 41),
    transactionHash: hex(41, 73),
    address: hex(73, 93),
    topics: Array.from({ length: count }, (_, i) => hex(entryHead + 32 * i, entryHead + 32 * (i + 1))),
    data: hex(end, bytes.length),
  };
}

function corrupt(details: string, cause?: unknown): AssayError {
  return new AssayError('STORE_CORRUPT', 'The index of the chain is damaged', {
    details,
    cause,
    hint: 'Remove its directory: all that is in it is read again from the chain.',
  });
}

function hasCode(error: unknown, code: string): boolean {
  return walkCauses(error, (e) => (e as { code?: string }).code === code) !== undefined;
}

const nothing = new Uint8Array();

type Digest = { readonly block: number; readonly value: Uint8Array };

/**
 * Opens the index in `directory`, or makes it. One process at a time.
 *
 * Every write is one synced batch. To forget everything is one, too: entries lie under a generation, the state says which one counts, and what is
 * left of others is swept afterwards, or when the index is opened again.
 *
 * @throws STORE_LOCKED, STORE_CORRUPT, STORE_OPEN
 */
export async function openChainIndex(directory: string): Promise<ChainIndex> {
  const db = new Level<Uint8Array, Uint8Array>(directory, {
    keyEncoding: 'view',
    valueEncoding: 'view',
    // An index is written once from one end to the other: larger tables are merged less often.
    writeBufferSize: 32 * 2 ** 20,
    maxFileSize: 16 * 2 ** 20,
  });
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await db.open();
  } catch (error) {
    if (hasCode(error, 'LEVEL_LOCKED')) {
      throw new AssayError('STORE_LOCKED', `Another process uses the index in ${directory}`, {
        hint: 'Stop the other process, or give this one a directory of its own.',
        cause: error,
      });
    }
    if (hasCode(error, 'LEVEL_CORRUPTION')) throw corrupt('the database does not open', error);
    throw new AssayError('STORE_OPEN', `Cannot open the index in ${directory}`, {
      details: String((error as { cause?: unknown }).cause ?? error),
      hint: 'Is there such a place, may this user write to it, and is there room on the disk?',
      cause: error,
    });
  }

  const stateKey = Uint8Array.of(prefixes.state);
  let generation = 0;

  const scoped = (prefix: number, ...rest: readonly Uint8Array[]): Uint8Array => {
    const head = new Uint8Array(5);
    head[0] = prefix;
    new DataView(head.buffer).setUint32(1, generation);
    return join(head, ...rest);
  };
  const entryKey = (position: Position): Uint8Array => {
    const bytes = Buffer.allocUnsafe(5 + positionBytes);
    bytes[0] = prefixes.entries;
    bytes.writeUInt32BE(generation, 1);
    putPosition(bytes, 5, position);
    return bytes;
  };
  // Keys hold no zero byte: one key's entries are never among another's.
  const underKey = (key: string): Uint8Array => scoped(prefixes.keys, Buffer.from(key, 'latin1'), Uint8Array.of(0));
  const postingOf = (key: string, position: Position): Uint8Array => {
    const bytes = Buffer.allocUnsafe(5 + key.length + 1 + positionBytes);
    bytes[0] = prefixes.keys;
    bytes.writeUInt32BE(generation, 1);
    bytes.write(key, 5, 'latin1');
    bytes[5 + key.length] = 0;
    putPosition(bytes, 6 + key.length, position);
    return bytes;
  };
  const entriesEnd = (): Uint8Array => scoped(prefixes.entries, new Uint8Array(positionBytes + 1).fill(255));
  const digestsFrom = (name = ''): Uint8Array => scoped(prefixes.digests, Buffer.from(name, 'latin1'));

  type Operation = { type: 'put'; key: Uint8Array; value: Uint8Array } | { type: 'del'; key: Uint8Array };
  const putState = (state: State): Operation => {
    const { deployment, anchor, blocks } = state;
    return { type: 'put', key: stateKey, value: seal(stateKey, { deployment, anchor, blocks, schema: schemaVersion, generation }) };
  };

  async function write(operations: readonly Operation[]): Promise<void> {
    try {
      await db.batch(operations as Operation[], { sync: true });
    } catch (error) {
      throw new AssayError('STORE_WRITE', 'The index of the chain could not be written', {
        hint: 'Is the disk full? Make room: it goes on where it was.',
        cause: error,
      });
    }
  }

  async function readState(): Promise<Stored | undefined> {
    const sealed = await db.get(stateKey);
    return sealed === undefined ? undefined : (unseal(stateKey, sealed) as Stored);
  }

  /** Removes what lies under generations before the one that counts. */
  async function sweep(): Promise<void> {
    for (const prefix of [prefixes.entries, prefixes.keys, prefixes.digests])
      await db.clear({ gte: Uint8Array.of(prefix), lt: scoped(prefix) });
  }

  try {
    generation = (await readState())?.generation ?? 0;
    await sweep();
  } catch (error) {
    await db.close();
    throw error instanceof AssayError ? error : corrupt('the database cannot be read', error);
  }

  // Writes take turns, so that none is built on what another one is about to change.
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(action: () => Promise<T>): Promise<T> => {
    const run = turn.then(action);
    turn = run.catch(() => undefined);
    return run;
  };

  return {
    async state() {
      const stored = await readState();
      if (stored === undefined || stored.schema !== schemaVersion) return undefined;
      const { deployment, anchor, blocks } = stored;
      return { deployment, anchor, blocks };
    },
    append: (entries, state) =>
      inTurn(async () => {
        const operations: Operation[] = [];
        for (const entry of entries) {
          const key = entryKey(entry);
          operations.push({ type: 'put', key, value: packEntry(key, entry) });
          for (const name of entry.keys) operations.push({ type: 'put', key: postingOf(name, entry), value: nothing });
        }
        operations.push(putState(state));
        await write(operations);
      }),
    rollBack: (above, state, keysOf) =>
      inTurn(async () => {
        const operations: Operation[] = [];
        for await (const [key, value] of db.iterator({ gte: entryKey({ block: above + 1, logIndex: 0 }), lt: entriesEnd() })) {
          const entry = unpackEntry(key, value);
          operations.push({ type: 'del', key });
          for (const name of keysOf(entry)) operations.push({ type: 'del', key: postingOf(name, entry) });
        }
        for await (const [key, sealed] of db.iterator({ gte: digestsFrom(), lt: scoped(prefixes.digests + 1) })) {
          if ((unseal(key, sealed) as Digest).block > above) operations.push({ type: 'del', key });
        }
        operations.push(putState(state));
        await write(operations);
      }),
    reset: (state) =>
      inTurn(async () => {
        const before = generation;
        generation++;
        try {
          await write([putState(state)]);
        } catch (error) {
          generation = before;
          throw error;
        }
        await sweep();
      }),
    async list({ key, after, limit, newestFirst = false }) {
      const [prefix, entries] = [underKey(key), scoped(prefixes.entries)];
      const bound = after === undefined ? undefined : join(prefix, positionOf(after));
      const [first, end] = [prefix, join(prefix, new Uint8Array(positionBytes + 1).fill(255))];
      const range = newestFirst ? { gt: first, lt: bound ?? end } : { gt: bound ?? first, lt: end };
      // Of one moment: a reorganisation may remove entries meanwhile.
      const snapshot = db.snapshot();
      try {
        const names = await db.keys({ ...range, reverse: newestFirst, limit, snapshot }).all();
        const places = names.map((name) => join(entries, name.subarray(name.length - positionBytes)));
        const values = await db.getMany(places, { snapshot });
        return values.map((value, i) => {
          if (value === undefined) throw corrupt('an entry is missing');
          return unpackEntry(places[i] as Uint8Array, value);
        });
      } finally {
        await snapshot.close();
      }
    },
    async scan({ after, limit, newestFirst = false }) {
      const bound = after === undefined ? undefined : entryKey(after);
      const [first, end] = [scoped(prefixes.entries), entriesEnd()];
      const range = newestFirst ? { gt: first, lt: bound ?? end } : { gt: bound ?? first, lt: end };
      const found = await db.iterator({ ...range, reverse: newestFirst, limit }).all();
      return found.map(([key, value]) => unpackEntry(key, value));
    },
    async keys({ prefix, limit }) {
      const found: string[] = [];
      const end = scoped(prefixes.keys + 1);
      for (let from = scoped(prefixes.keys, Buffer.from(prefix, 'latin1')); found.length < limit; ) {
        const [posting] = await db.keys({ gte: from, lt: end, limit: 1 }).all();
        if (posting === undefined) break;
        const key = Buffer.from(posting.subarray(5, posting.length - positionBytes - 1)).toString('latin1');
        if (!key.startsWith(prefix)) break;
        found.push(key);
        // Beyond all of its entries.
        from = scoped(prefixes.keys, Buffer.from(key, 'latin1'), Uint8Array.of(1));
      }
      return found;
    },
    setDigest: (name, block, value) =>
      inTurn(async () => {
        const blocks = (await readState())?.blocks ?? [];
        // It was made of what is no more.
        if (block > (blocks.at(-1)?.number ?? -1)) return;
        const key = digestsFrom(name);
        await write([{ type: 'put', key, value: seal(key, { block, value }) }]);
      }),
    async digest(name) {
      const key = digestsFrom(name);
      const sealed = await db.get(key);
      return sealed === undefined ? undefined : (unseal(key, sealed) as Digest);
    },
    async setFact(name, value) {
      const key = join(Uint8Array.of(prefixes.facts), Buffer.from(name, 'latin1'));
      // Not synced: what is lost is asked for again.
      await db.put(key, seal(key, value));
    },
    async fact(name) {
      const key = join(Uint8Array.of(prefixes.facts), Buffer.from(name, 'latin1'));
      const sealed = await db.get(key);
      return sealed === undefined ? undefined : (unseal(key, sealed) as Uint8Array);
    },
    async count() {
      let count = 0;
      for await (const _key of db.keys({ gte: scoped(prefixes.entries), lt: entriesEnd() })) count++;
      return count;
    },
    async close() {
      await turn;
      await db.close();
    },
  };
}
