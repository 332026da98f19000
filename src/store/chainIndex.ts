import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { decode, encode } from '@ipld/dag-cbor';
import { Level } from 'level';
import { AssayError, walkCauses } from '../errors.ts';
import type { Hex } from './submissionState.ts';

// The types are those of src/chain/indexStorage.ts, which this is an implementation of: rooms beside one another do not import each other.

type Block = { readonly number: number; readonly hash: Hex };
type Position = { readonly block: number; readonly logIndex: number };

type Entry = Position & {
  readonly blockHash: Hex;
  readonly transactionHash: Hex;
  readonly address: Hex;
  readonly topics: readonly Hex[];
  readonly data: Hex;
  readonly keys: readonly string[];
};

type State = { readonly deployment: string; readonly anchor: Block; readonly blocks: readonly Block[] };

type Query = { readonly key: string; readonly after?: Position | undefined; readonly limit: number; readonly newestFirst?: boolean };

/** An index of a deployment's events on disk. */
export type ChainIndex = {
  state(): Promise<State | undefined>;
  append(entries: readonly Entry[], state: State): Promise<void>;
  rollBack(above: number, state: State): Promise<void>;
  reset(state: State): Promise<void>;
  list(query: Query): Promise<readonly Entry[]>;
  /** How many entries there are; reads them all. */
  count(): Promise<number>;
  close(): Promise<void>;
};

/** First byte of every key; an entry is found by its position, and by each of its keys followed by its position. */
const prefixes = { state: 0, entries: 1, keys: 2 } as const;

/** Version of what is stored: another one is thrown away and read anew from the chain. */
const schemaVersion = 1;

type Stored = State & { readonly schema: number; readonly generation: number };

const positionBytes = 12;
const digestBytes = 8;

function positionOf({ block, logIndex }: Position): Uint8Array {
  const bytes = new Uint8Array(positionBytes);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(block));
  view.setUint32(8, logIndex);
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

/**
 * Opens the index in `directory`, or makes it. One process at a time.
 *
 * Every write is one synced batch. To forget everything is one, too: entries lie under a generation, the state says which one counts, and what is
 * left of others is swept afterwards, or when the index is opened again.
 *
 * @throws STORE_LOCKED, STORE_CORRUPT, STORE_OPEN
 */
export async function openChainIndex(directory: string): Promise<ChainIndex> {
  const db = new Level<Uint8Array, Uint8Array>(directory, { keyEncoding: 'view', valueEncoding: 'view' });
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
  const entryKey = (position: Position): Uint8Array => scoped(prefixes.entries, positionOf(position));
  // Keys hold no zero byte: one key's entries are never among another's.
  const underKey = (key: string): Uint8Array => scoped(prefixes.keys, Buffer.from(key), Uint8Array.of(0));

  type Operation = { type: 'put'; key: Uint8Array; value: Uint8Array } | { type: 'del'; key: Uint8Array };
  const putState = (state: State): Operation => {
    const { deployment, anchor, blocks } = state;
    return { type: 'put', key: stateKey, value: seal(stateKey, { deployment, anchor, blocks, schema: schemaVersion, generation }) };
  };

  async function write(operations: readonly Operation[]): Promise<void> {
    try {
      await db.batch([...operations], { sync: true });
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
    for (const prefix of [prefixes.entries, prefixes.keys]) await db.clear({ gte: Uint8Array.of(prefix), lt: scoped(prefix) });
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
          const position = positionOf(entry);
          const key = entryKey(entry);
          operations.push({ type: 'put', key, value: seal(key, entry) });
          for (const name of entry.keys) operations.push({ type: 'put', key: join(underKey(name), position), value: new Uint8Array() });
        }
        await write([...operations, putState(state)]);
      }),
    rollBack: (above, state) =>
      inTurn(async () => {
        const operations: Operation[] = [];
        const range = {
          gte: entryKey({ block: above + 1, logIndex: 0 }),
          lt: scoped(prefixes.entries, new Uint8Array(positionBytes + 1).fill(255)),
        };
        for await (const [key, sealed] of db.iterator(range)) {
          const entry = unseal(key, sealed) as Entry;
          operations.push({ type: 'del', key });
          for (const name of entry.keys) operations.push({ type: 'del', key: join(underKey(name), positionOf(entry)) });
        }
        await write([...operations, putState(state)]);
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
      const found: Entry[] = [];
      // Of one moment: a reorganisation may remove entries meanwhile.
      const snapshot = db.snapshot();
      try {
        for await (const name of db.keys({ ...range, reverse: newestFirst, limit, snapshot })) {
          const at = join(entries, name.subarray(name.length - positionBytes));
          const sealed = await db.get(at, { snapshot });
          if (sealed === undefined) throw corrupt('an entry is missing');
          found.push(unseal(at, sealed) as Entry);
        }
      } finally {
        await snapshot.close();
      }
      return found;
    },
    async count() {
      let count = 0;
      for await (const _key of db.keys({
        gte: scoped(prefixes.entries),
        lt: scoped(prefixes.entries, new Uint8Array(positionBytes + 1).fill(255)),
      }))
        count++;
      return count;
    },
    async close() {
      await turn;
      await db.close();
    },
  };
}
