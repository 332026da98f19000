import { execFile, spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { encode } from '@ipld/dag-cbor';
import { Level } from 'level';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blobId } from '../../src/commitment/blobId.ts';
import { AssayError } from '../../src/errors.ts';
import { openStore, type Store } from '../../src/store/openStore.ts';
import { contract, dump, eventsOf, hash, leaseOf, sender } from '../utils/storeFixtures.ts';

let root = '';
const open: Store[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'assay-store-'));
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((store) => store.close()));
  rmSync(root, { recursive: true, force: true });
});

async function start(directory = join(root, 'store')): Promise<Store> {
  const store = await openStore(directory);
  open.push(store);
  return store;
}

async function fill(store: Store, windows: number): Promise<void> {
  for (let i = 0; i < windows; i++) {
    await store.submissions.lease(leaseOf(i));
    for (const event of eventsOf(i, i).slice(0, 1 + (i % 5))) await store.submissions.advance(leaseOf(i).submissionId, event);
  }
  await store.attestations.record({
    submissionId: hash('s'),
    statementHash: hash('t'),
    proofHash: hash('p'),
    verdict: 'accept',
    message: Uint8Array.of(1),
  });
  await store.cursors.set(31337, contract, [{ number: 7, hash: hash('block 7') }]);
  await store.blobs.put(Uint8Array.of(1, 2, 3));
}

/** Small numbers that look random and are the same each time. */
function* numbers(seed: number): Generator<number, never> {
  for (let x = seed; ; ) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    yield x >>> 4;
  }
}

describe('store', () => {
  it('holds what was written when it is opened again', async () => {
    const store = await start();
    await fill(store, 7);
    const before = await dump(store);
    await store.close();
    const again = await start();
    expect(await dump(again)).toEqual(before);
    expect((await again.submissions.unfinished()).map(({ windowIndex }) => windowIndex).sort()).toEqual([0, 1, 2, 3, 5, 6]);
    await expect(store.submissions.lease(leaseOf(99))).rejects.toMatchObject({ code: 'STORE_CLOSED' });
  });

  it('is open in one process at a time, and says so', async () => {
    const store = await start();
    await expect(start()).rejects.toMatchObject({ code: 'STORE_LOCKED', hint: expect.stringContaining('directory') });
    await store.close();
    await start();
  });

  it('refuses a directory that it may not use, and one of another version', async () => {
    writeFileSync(join(root, 'file'), '');
    await expect(start(join(root, 'file'))).rejects.toMatchObject({ code: 'STORE_OPEN' });
    if (process.getuid?.() !== 0) {
      mkdirSync(join(root, 'closed'));
      chmodSync(join(root, 'closed'), 0o500);
      await expect(start(join(root, 'closed'))).rejects.toMatchObject({ code: 'STORE_OPEN' });
    }
    const store = await start();
    await store.close();
    // The same record as a version 2 would write it.
    const db = new Level<Uint8Array, Uint8Array>(join(root, 'store', 'db'), { keyEncoding: 'view', valueEncoding: 'view' });
    const key = new Uint8Array([0, ...new TextEncoder().encode('schema')]);
    const { createHash } = await import('node:crypto');
    const payload = encode({ version: 2 });
    const digest = createHash('sha256')
      .update(Uint8Array.of(0, 0, 0, key.length))
      .update(key)
      .update(payload)
      .digest()
      .subarray(0, 16);
    await db.put(key, new Uint8Array([...digest, ...payload]));
    await db.close();
    await expect(start()).rejects.toMatchObject({ code: 'STORE_VERSION', hint: expect.stringContaining('upgrade') });
  });

  it('refuses writes out of order and contradictions, and keeps what it has', async () => {
    const store = await start();
    await fill(store, 5);
    const before = await dump(store);
    const id = leaseOf(0).submissionId;
    await expect(store.submissions.advance(id, eventsOf(0, 0)[3] as never)).rejects.toMatchObject({ code: 'STORE_TRANSITION' });
    await expect(store.submissions.advance(hash('unknown'), eventsOf(0, 0)[0] as never)).rejects.toMatchObject({ code: 'STORE_UNKNOWN' });
    await expect(store.submissions.lease({ ...leaseOf(0), jobId: 2 })).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
    await expect(store.submissions.lease({ ...leaseOf(0), submissionId: '0x12' })).rejects.toMatchObject({ code: 'STORE_KEY' });
    const attestation = {
      submissionId: hash('s'),
      statementHash: hash('t'),
      proofHash: hash('p'),
      verdict: 'accept',
      message: Uint8Array.of(1),
    };
    await store.attestations.record(attestation);
    await expect(store.attestations.record({ ...attestation, verdict: 'PROOF_FALSE' })).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
    expect(await store.submissions.lease(leaseOf(0))).toMatchObject({ state: 'trained' });
    expect(await dump(store)).toEqual(before);
  });

  it('keeps writes that race apart', async () => {
    const store = await start();
    await store.submissions.lease(leaseOf(0));
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, () => store.submissions.advance(leaseOf(0).submissionId, eventsOf(0, 0)[0] as never)),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await Promise.all(Array.from({ length: 20 }, (_, i) => store.submissions.lease(leaseOf(i))));
    const before = await dump(store);
    await store.close();
    expect(await dump(await start())).toEqual(before);
  });

  it('keeps the last 64 blocks of a cursor', async () => {
    const store = await start();
    const blocks = Array.from({ length: 100 }, (_, number) => ({ number, hash: hash(`block ${number}`) }));
    await store.cursors.set(1, contract, blocks);
    expect(await store.cursors.get(1, contract)).toEqual(blocks.slice(-64));
    expect(await store.cursors.get(2, contract)).toEqual([]);
  });
});

describe('evidence journal', () => {
  const find = {
    submissionId: hash('s'),
    proofHash: hash('p'),
    statementHash: hash('t'),
    operator: sender,
    announcement: Uint8Array.of(1),
    proofCid: 'cid',
    code: 'PROOF_FALSE',
  };

  it('goes from find to slash, with one nonce a transaction, across restarts', async () => {
    let store = await start();
    await store.evidence.found(find);
    const advance = (event: Parameters<Store['evidence']['advance']>[2]) =>
      store.evidence.advance(find.submissionId, find.proofHash, event);
    await expect(advance({ type: 'revealing', sender, nonce: 1, transactionHash: hash('r'), raw: '0x' })).rejects.toMatchObject({
      code: 'STORE_TRANSITION',
    });
    await advance({
      type: 'committing',
      salt: hash('salt'),
      commitment: hash('c'),
      sender,
      nonce: 4,
      transactionHash: hash('1'),
      raw: '0x01',
    });
    await expect(advance({ type: 'replaced', nonce: 5, transactionHash: hash('2'), raw: '0x02' })).rejects.toMatchObject({
      code: 'STORE_TRANSITION',
    });
    await store.close();
    store = await start();
    expect(await store.evidence.found(find)).toMatchObject({ state: 'committing', salt: hash('salt') });
    await advance({ type: 'replaced', nonce: 4, transactionHash: hash('2'), raw: '0x02' });
    await advance({ type: 'committed', blockNumber: 9 });
    await advance({ type: 'revealing', sender, nonce: 5, transactionHash: hash('3'), raw: '0x03' });
    expect(await store.evidence.unfinished()).toHaveLength(1);
    expect(await advance({ type: 'slashed', transactionHash: hash('3'), blockNumber: 11 })).toMatchObject({
      state: 'slashed',
      commitBlock: 9,
    });
    await expect(advance({ type: 'dropped', reason: 'LATE' })).rejects.toMatchObject({ code: 'STORE_TRANSITION' });
    expect(await store.evidence.unfinished()).toEqual([]);
  });
});

describe('submission journal', () => {
  it('replaces a transaction only by one with the same nonce, and tries anew after a revert', async () => {
    const store = await start();
    const { submissionId } = await store.submissions.lease(leaseOf(0));
    const advance = (event: Parameters<Store['submissions']['advance']>[1]) => store.submissions.advance(submissionId, event);
    for (const event of eventsOf(0, 3).slice(0, 4)) await advance(event);
    await expect(advance({ type: 'replaced', nonce: 4, transactionHash: hash('2'), raw: '0x02' })).rejects.toMatchObject({
      code: 'STORE_TRANSITION',
    });
    await expect(advance({ type: 'abandoned', reason: 'LEASE_EXPIRED' })).rejects.toMatchObject({ code: 'STORE_TRANSITION' });
    expect(await advance({ type: 'replaced', nonce: 3, transactionHash: hash('2'), raw: '0x02' })).toMatchObject({
      transaction: { nonce: 3, attempts: [{}, {}] },
    });
    await expect(advance({ type: 'reverted', transactionHash: hash('other') })).rejects.toMatchObject({ code: 'STORE_TRANSITION' });
    expect(await advance({ type: 'reverted', transactionHash: hash('2') })).toMatchObject({ state: 'announced', reverted: [hash('2')] });
    await advance({ type: 'submitting', sender, nonce: 4, transactionHash: hash('5'), raw: '0x05' });
    await advance({ type: 'settled', transactionHash: hash('5'), blockNumber: 1 });
    await expect(advance({ type: 'abandoned', reason: 'X' })).rejects.toMatchObject({ code: 'STORE_TRANSITION' });
    const other = await store.submissions.lease(leaseOf(1));
    expect(await store.submissions.advance(other.submissionId, { type: 'abandoned', reason: 'LEASE_EXPIRED' })).toMatchObject({
      state: 'abandoned',
    });
  });
});

describe('blobs', () => {
  it('are refused when their file is damaged, and healed by storing them again', async () => {
    const store = await start();
    const bytes = new TextEncoder().encode('a checkpoint');
    const id = await store.blobs.put(bytes);
    expect(id).toBe(blobId(bytes));
    expect(await store.blobs.get(id)).toEqual(bytes);
    expect(await store.blobs.get(blobId(Uint8Array.of(9)))).toBeUndefined();
    await expect(store.blobs.get('../../../etc/passwd')).rejects.toMatchObject({ code: 'COMMITMENT_BLOB_ID' });
    const file = join(root, 'store', 'blobs', id.slice(-3), id);
    for (const damage of [() => writeFileSync(file, 'a Checkpoint'), () => truncateSync(file, 3), () => truncateSync(file, 0)]) {
      damage();
      await expect(store.blobs.get(id)).rejects.toMatchObject({ code: 'STORE_BLOB_CORRUPT', details: file });
      await store.blobs.put(bytes);
      expect(await store.blobs.get(id)).toEqual(bytes);
    }
    expect([await store.blobs.has(id), await store.blobs.list()]).toEqual([true, [id]]);
    await store.blobs.delete(id);
    expect([await store.blobs.has(id), await store.blobs.list()]).toEqual([false, []]);
  });

  it('leave nothing half written behind', async () => {
    const store = await start();
    writeFileSync(join(root, 'store', 'blobs', 'incoming', 'left'), 'half');
    await store.close();
    await start();
    expect(readdirSync(join(root, 'store', 'blobs', 'incoming'))).toEqual([]);
  });
});

describe('damage', () => {
  it('is refused or without effect, never read as something else', { timeout: 120_000 }, async () => {
    const fresh = join(root, 'fresh');
    const first = await start(fresh);
    await fill(first, 40);
    const expected = await dump(first);
    await first.close();
    // Opened and closed once more, the records have moved from LevelDB's log into a table.
    const settled = join(root, 'settled');
    cpSync(fresh, settled, { recursive: true });
    const second = await start(settled);
    expect(await dump(second)).toEqual(expected);
    await second.close();
    expect(readdirSync(join(settled, 'db')).some((name) => name.endsWith('.ldb'))).toBe(true);

    const random = numbers(5);
    const outcomes: Record<string, number> = {};
    const copy = join(root, 'copy');
    for (let i = 0; i < 300; i++) {
      const source = i % 2 === 0 ? fresh : settled;
      const names = [
        ...readdirSync(join(source, 'db'))
          .filter((name) => !['LOG', 'LOG.old', 'LOCK'].includes(name))
          .map((name) => join('db', name)),
        'watermark',
      ].filter((name) => statSync(join(source, name)).size > 0);
      const name = names[random.next().value % names.length] as string;
      rmSync(copy, { recursive: true, force: true });
      cpSync(source, copy, { recursive: true });
      const bytes = readFileSync(join(copy, name));
      const at = random.next().value % bytes.length;
      if (i % 5 === 4) writeFileSync(join(copy, name), bytes.subarray(0, at));
      else if (i % 50 === 0) rmSync(join(copy, name));
      else {
        bytes[at] = (bytes[at] as number) ^ (1 << (random.next().value % 8));
        writeFileSync(join(copy, name), bytes);
      }
      try {
        const store = await openStore(copy);
        // Where it opens, nothing is missing and nothing differs.
        expect(await dump(store)).toEqual(expected);
        await store.close();
        outcomes['whole'] = (outcomes['whole'] ?? 0) + 1;
      } catch (error) {
        if (!(error instanceof AssayError)) throw error;
        outcomes[error.code] = (outcomes[error.code] ?? 0) + 1;
        expect(['STORE_CORRUPT', 'STORE_OPEN']).toContain(error.code);
        expect(error.hint).toBeDefined();
      }
    }
    expect(outcomes['STORE_CORRUPT']).toBeGreaterThan(50);
    expect(outcomes['whole']).toBeGreaterThan(5);
  });

  it('is noticed where acknowledged records were put back to an older copy', async () => {
    const directory = join(root, 'store');
    const store = await start();
    await fill(store, 2);
    await store.close();
    cpSync(join(directory, 'db'), join(root, 'old'), { recursive: true });
    const again = await start();
    await again.submissions.lease(leaseOf(50));
    await again.close();
    rmSync(join(directory, 'db'), { recursive: true });
    cpSync(join(root, 'old'), join(directory, 'db'), { recursive: true });
    await expect(start()).rejects.toMatchObject({ code: 'STORE_CORRUPT', details: expect.stringContaining('acknowledged') });
    rmSync(join(directory, 'db'), { recursive: true });
    await expect(start()).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  });
});

describe('SIGKILL', () => {
  it('loses nothing that was acknowledged, and every window is submitted exactly once', { timeout: 120_000 }, async () => {
    const script = fileURLToPath(new URL('journalWorker.child.ts', import.meta.url));
    const directory = join(root, 'store');
    const chain = join(root, 'chain');
    const windows = 24;
    const order = ['leased', 'trained', 'proved', 'announced', 'submitting', 'settled'];
    const reached = new Map<number, number>();
    const random = numbers(9);
    let kills = 0;

    /** Runs the worker until it has acknowledged `steps` more steps and kills it; true where it came to its end. */
    async function run(steps: number): Promise<boolean> {
      const child = spawn(process.execPath, [script, directory, chain, String(windows)], { stdio: ['ignore', 'pipe', 'inherit'] });
      const ended = new Promise<NodeJS.Signals | number | null>((resolve) => child.on('exit', (code, signal) => resolve(signal ?? code)));
      let text = '';
      let killed = false;
      child.stdout.on('data', (data: Buffer) => {
        text += data.toString();
        if (!killed && text.split('\n').length > steps) {
          killed = true;
          child.kill('SIGKILL');
        }
      });
      const how = await ended;
      const seen = new Set<number>();
      for (const line of text.split('\n').slice(0, -1)) {
        const [window, state] = line.split(' ');
        if (state === undefined) continue;
        const at = order.indexOf(state);
        // What a run finds first is at least what was acknowledged to the one before.
        if (!seen.has(Number(window))) expect(at).toBeGreaterThanOrEqual(reached.get(Number(window)) ?? 0);
        seen.add(Number(window));
        reached.set(Number(window), Math.max(at, reached.get(Number(window)) ?? 0));
      }
      if (how === 'SIGKILL') kills++;
      else expect(how).toBe(0);
      return text.includes('end');
    }

    let runs = 0;
    // Later runs replay the lines of the windows that are done, so they get more of them.
    while (!(await run(2 + runs + (random.next().value % 14)))) runs++;
    expect(kills).toBeGreaterThan(8);
    const mined = readFileSync(chain, 'utf8').trim().split('\n');
    expect(mined).toHaveLength(windows);
    expect(new Set(mined.map((line) => line.split(' ')[1])).size).toBe(windows);
    const store = await start(directory);
    const states = (await store.submissions.all()).map(({ state }) => state);
    expect([states.length >= windows, new Set(states)]).toEqual([true, new Set(['settled'])]);
  });
});

describe('full disk', () => {
  it('is said, and what was acknowledged before is there afterwards', async () => {
    const script = fileURLToPath(new URL('fullDisk.child.ts', import.meta.url));
    const directory = join(root, 'store');
    // A file that may not grow over 200 KiB fails in the same call as one on a full disk.
    const { stdout } = await promisify(execFile)('bash', ['-c', 'ulimit -f 200; exec "$0" "$1" "$2"', process.execPath, script, directory]);
    const { acknowledged, codes } = JSON.parse(stdout) as { acknowledged: number; codes: string[] };
    expect(codes).toEqual(['STORE_WRITE', 'STORE_WRITE']);
    expect(acknowledged).toBeGreaterThan(100);
    const store = await start(directory);
    const windows = (await store.submissions.all()).map(({ windowIndex }) => windowIndex);
    // The one that failed may or may not be there: it was not acknowledged.
    expect(new Set(windows)).toEqual(new Set(Array.from({ length: windows.length }, (_, i) => i)));
    expect(windows.length).toBeGreaterThanOrEqual(acknowledged);
    await store.submissions.lease(leaseOf(100_000));
  });
});
