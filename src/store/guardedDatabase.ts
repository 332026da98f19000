import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { decode, encode } from '@ipld/dag-cbor';
import { Level } from 'level';
import { AssayError, walkCauses } from '../errors.ts';
import { type Bucket, buckets } from './buckets.ts';
import { openWatermark, type Watermark } from './watermark.ts';

/** Plain data that dag-cbor can hold. */
export type Value = null | boolean | number | string | Uint8Array | readonly Value[] | { readonly [key: string]: Value };

export type Change = { bucket: Bucket; key: Uint8Array; value: Value | undefined };

/** A level database whose every record carries a checksum and which knows how many records it must have. */
export type GuardedDatabase = {
  get(bucket: Bucket, key: Uint8Array): Promise<Value | undefined>;
  /** All records of a bucket, in order of their keys. */
  entries(bucket: Bucket): Promise<{ key: Uint8Array; value: Value }[]>;
  /**
   * Runs `change` with no other write in between, and writes what it returns in one batch.
   * With `durable` the batch survives a loss of power once this resolves; without, only the end of this process.
   */
  update<T>(durable: boolean, change: () => Promise<{ changes: readonly Change[]; result: T }>): Promise<T>;
  close(): Promise<void>;
};

/** Version of what the buckets hold. */
export const schemaVersion = 1;

const digestBytes = 16;
const schemaKey = new TextEncoder().encode('schema');
const stateKey = new TextEncoder().encode('state');

const corruptHint =
  'Nothing was changed. Restore the directory from a copy, or move it away and start afresh: what is final stands on the chain, but submissions under way are forgotten.';

function corrupt(details: string, cause?: unknown): AssayError {
  return new AssayError('STORE_CORRUPT', 'The store is damaged', { details, hint: corruptHint, ...(cause === undefined ? {} : { cause }) });
}

function codeOf(error: unknown): string | undefined {
  return (error as { code?: string } | undefined)?.code;
}

function fullKey(bucket: Bucket, key: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + key.length);
  bytes[0] = bucket;
  bytes.set(key, 1);
  return bytes;
}

/** Digest of one record: of its key too, so that a record cannot stand in for another. */
function recordDigest(key: Uint8Array, payload: Uint8Array): Uint8Array {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, key.length);
  return createHash('sha256').update(length).update(key).update(payload).digest().subarray(0, digestBytes);
}

function seal(key: Uint8Array, value: Value): Uint8Array {
  const payload = encode(value);
  const sealed = new Uint8Array(digestBytes + payload.length);
  sealed.set(recordDigest(key, payload));
  sealed.set(payload, digestBytes);
  return sealed;
}

function unseal(key: Uint8Array, sealed: Uint8Array): Value {
  const payload = sealed.subarray(digestBytes);
  if (sealed.length < digestBytes || !Buffer.from(recordDigest(key, payload)).equals(sealed.subarray(0, digestBytes))) {
    throw corrupt(`the checksum of record ${Buffer.from(key).toString('hex')} is wrong`);
  }
  return decode<Value>(new Uint8Array(payload));
}

/** Count and combined digest of a set of records. Guards against accidents, not against forgery: who can write here can do anything. */
type Tally = { count: number; digest: Uint8Array };

function toggle(tally: Tally, key: Uint8Array, sealed: Uint8Array, by: 1 | -1): void {
  tally.count += by;
  const digest = createHash('sha256').update(key).update(sealed.subarray(0, digestBytes)).digest();
  for (let i = 0; i < digestBytes; i++) tally.digest[i] = (tally.digest[i] as number) ^ (digest[i] as number);
}

/**
 * Opens or makes the database in `directory`, reads every record once, and refuses it unless all are whole and none is missing.
 *
 * LevelDB itself drops what it cannot read in its log, and checks no checksum on reads: that would be a wrong answer to "was this submitted?".
 *
 * @throws STORE_LOCKED, STORE_CORRUPT, STORE_VERSION, STORE_OPEN
 */
export async function openGuardedDatabase(directory: string): Promise<GuardedDatabase> {
  const location = join(directory, 'db');
  const db = new Level<Uint8Array, Uint8Array>(location, { keyEncoding: 'view', valueEncoding: 'view' });
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await db.open();
  } catch (error) {
    if (walkCauses(error, (e) => codeOf(e) === 'LEVEL_LOCKED') !== undefined) {
      throw new AssayError('STORE_LOCKED', `Another process uses the store in ${directory}`, {
        hint: 'One node runs on one data directory: stop the other, or give this one a directory of its own.',
        cause: error,
      });
    }
    if (walkCauses(error, (e) => codeOf(e) === 'LEVEL_CORRUPTION') !== undefined) throw corrupt('the database does not open', error);
    throw new AssayError('STORE_OPEN', `Cannot open the store in ${directory}`, {
      details: String((error as { cause?: unknown }).cause ?? error),
      hint: 'Is there such a place, may this user write to it, and is there room on the disk?',
      cause: error,
    });
  }

  const tally: Tally = { count: 0, digest: new Uint8Array(digestBytes) };
  let sequence = 0;
  let watermark: Watermark | undefined;

  /** Fails where the records are not exactly those that were written. */
  async function check(): Promise<void> {
    let state: Value | undefined;
    let schema: Value | undefined;
    const stateName = fullKey(buckets.meta, stateKey);
    for await (const [key, sealed] of db.iterator()) {
      const value = unseal(key, sealed);
      if (Buffer.from(key).equals(stateName)) {
        state = value;
        continue;
      }
      if (Buffer.from(key).equals(fullKey(buckets.meta, schemaKey))) schema = value;
      toggle(tally, key, sealed, 1);
    }
    watermark = await openWatermark(join(directory, 'watermark'));
    if (watermark === undefined) throw corrupt('the file "watermark" cannot be read');
    const acknowledged = watermark.sequence;
    if (schema === undefined && state === undefined && tally.count === 0 && (acknowledged ?? 0) === 0) return;
    const found = (schema as { version?: number } | undefined)?.version;
    if (found !== undefined && found !== schemaVersion) {
      throw new AssayError('STORE_VERSION', `The store has schema version ${found}; this program knows version ${schemaVersion}`, {
        hint:
          found > schemaVersion
            ? 'A newer version of the program wrote it: upgrade.'
            : 'There is no migration from it: start with a new directory.',
      });
    }
    if (acknowledged === undefined) throw corrupt('the file "watermark" is missing');
    const expected = state as { sequence: number; count: number; digest: Uint8Array } | undefined;
    if (found === undefined || expected === undefined) throw corrupt('its own records are missing');
    if (expected.count !== tally.count || !Buffer.from(tally.digest).equals(expected.digest)) {
      throw corrupt(`${tally.count} records instead of ${expected.count}, or others than were written`);
    }
    sequence = expected.sequence;
    if (sequence < acknowledged) throw corrupt(`write ${acknowledged} was acknowledged, but the last one here is ${sequence}`);
  }

  // Writes take turns, so that the tally always belongs to what is in the database.
  let turn: Promise<unknown> = Promise.resolve();
  let failed: unknown;
  let closed = false;

  async function write(durable: boolean, changes: readonly Change[]): Promise<void> {
    const next: Tally = { count: tally.count, digest: tally.digest.slice() };
    const batch: ({ type: 'put'; key: Uint8Array; value: Uint8Array } | { type: 'del'; key: Uint8Array })[] = [];
    for (const { bucket, key, value } of changes) {
      const name = fullKey(bucket, key);
      const before = await db.get(name);
      if (before !== undefined) toggle(next, name, before, -1);
      if (value === undefined) batch.push({ type: 'del', key: name });
      else {
        const sealed = seal(name, value);
        toggle(next, name, sealed, 1);
        batch.push({ type: 'put', key: name, value: sealed });
      }
    }
    const stateName = fullKey(buckets.meta, stateKey);
    const state = { sequence: sequence + 1, count: next.count, digest: next.digest };
    batch.push({ type: 'put', key: stateName, value: seal(stateName, state) });
    try {
      await db.batch(batch, { sync: durable });
      if (durable) await watermark?.advance(sequence + 1);
    } catch (error) {
      // Whether the batch is on the disk is not known any more: only opening anew can tell.
      failed = error;
      throw new AssayError('STORE_WRITE', 'The store could not be written', {
        hint: 'Is the disk full? Make room and start again: nothing that was acknowledged is lost.',
        cause: error,
      });
    }
    sequence++;
    tally.count = next.count;
    tally.digest = next.digest;
  }

  const database: GuardedDatabase = {
    async get(bucket, key) {
      const name = fullKey(bucket, key);
      const sealed = await db.get(name);
      return sealed === undefined ? undefined : unseal(name, sealed);
    },
    async entries(bucket) {
      const found: { key: Uint8Array; value: Value }[] = [];
      for await (const [key, sealed] of db.iterator({ gte: Uint8Array.of(bucket), lt: Uint8Array.of(bucket + 1) })) {
        found.push({ key: new Uint8Array(key.subarray(1)), value: unseal(key, sealed) });
      }
      return found;
    },
    update(durable, change) {
      const run = turn.then(async () => {
        if (closed) throw new AssayError('STORE_CLOSED', 'The store is closed');
        if (failed !== undefined)
          throw new AssayError('STORE_WRITE', 'An earlier write to the store failed', { hint: 'Start the node again.', cause: failed });
        const { changes, result } = await change();
        if (changes.length > 0) await write(durable, changes);
        return result;
      });
      turn = run.catch(() => {});
      return run;
    },
    async close() {
      closed = true;
      await turn;
      await db.close();
      await watermark?.close();
    },
  };

  try {
    await check();
    if (sequence === 0) {
      // The watermark first: a database without one is refused.
      await watermark?.advance(0);
      await write(true, [{ bucket: buckets.meta, key: schemaKey, value: { version: schemaVersion } }]);
    }
    return database;
  } catch (error) {
    await db.close().catch(() => {});
    await watermark?.close().catch(() => {});
    if (error instanceof AssayError) throw error;
    throw corrupt('the database cannot be read', error);
  }
}
