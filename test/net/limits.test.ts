import { describe, expect, it } from 'vitest';
import { blobDigest, blobId, blobIdFromDigest } from '../../src/commitment/blobId.ts';
import { createBoundedMap } from '../../src/net/boundedMap.ts';
import { createFairQueue } from '../../src/net/fairQueue.ts';
import { createPeerQuota } from '../../src/net/peerQuota.ts';
import { createPeerStanding } from '../../src/net/peerStanding.ts';

describe('peer quota', () => {
  it('gives a burst, refills with time, and keeps peers apart', () => {
    let now = 0;
    const quota = createPeerQuota(3, 2, () => now);
    expect([1, 2, 3, 4].map(() => quota.take('a'))).toEqual([true, true, true, false]);
    expect(quota.take('b')).toBe(true);
    now = 500;
    expect([quota.take('a'), quota.take('a')]).toEqual([true, false]);
    now = 1e9;
    expect([1, 2, 3, 4].map(() => quota.take('a'))).toEqual([true, true, true, false]);
  });
});

describe('bounded map', () => {
  it('forgets the oldest at its capacity and all after their time', () => {
    let now = 0;
    const map = createBoundedMap<number>(2, 100, () => now);
    map.set('a', 1);
    map.set('b', 2);
    now = 50;
    map.set('a', 3);
    map.set('c', 4);
    expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([3, undefined, 4]);
    now = 149;
    expect(map.keys()).toEqual(['a', 'c']);
    now = 150;
    expect(map.keys()).toEqual([]);
  });
});

describe('peer standing', () => {
  it('denies at the limit, forgives with time, and ends a denial', () => {
    let now = 0;
    const denied: string[] = [];
    const standing = createPeerStanding({
      denyAt: 4,
      halfLifeMs: 100,
      denyForMs: 1000,
      onDeny: (peer) => denied.push(peer),
      now: () => now,
    });
    for (let i = 0; i < 3; i++) standing.strike('a', 1);
    expect(standing.isDenied('a')).toBe(false);
    now = 100;
    for (let i = 0; i < 2; i++) standing.strike('a', 1);
    expect(standing.isDenied('a')).toBe(false);
    standing.strike('a', 1);
    standing.strike('a', 100);
    expect([standing.isDenied('a'), standing.isDenied('b'), denied]).toEqual([true, false, ['a']]);
    now = 1101;
    expect([standing.isDenied('a'), standing.denied()]).toEqual([false, []]);
  });
});

describe('fair queue', () => {
  function open(capacity: number, concurrency = 1) {
    const [done, dropped, errors]: [string[], string[], unknown[]] = [[], [], []];
    const gates: (() => void)[] = [];
    const queue = createFairQueue<string>({
      capacity,
      concurrency,
      async work(item) {
        await new Promise<void>((resolve) => gates.push(resolve));
        if (item.includes('!')) throw new Error(item);
        done.push(item);
      },
      onError: (error) => errors.push(error),
      onDrop: (item) => dropped.push(item),
    });
    /** Lets running work end until nothing is left. */
    async function drain() {
      for (let i = 0; i < 100; i++) {
        for (const gate of gates.splice(0)) {
          gate();
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    return { queue, done, dropped, errors, gates, drain };
  }

  it('serves owners in turn and goes on after an error', async () => {
    const { queue, done, errors, drain } = open(10);
    for (const item of ['a1', 'a2!', 'a3', 'b1', 'c1']) queue.push(item.charAt(0), item);
    await drain();
    expect(done).toEqual(['a1', 'b1', 'c1', 'a3']);
    expect(errors).toHaveLength(1);
  });

  it('drops the newest of whoever has most waiting, so a flood displaces only itself', async () => {
    const { queue, done, dropped, drain } = open(4);
    for (let i = 0; i < 50; i++) queue.push('flood', `f${i}`);
    expect(queue.size()).toBe(4);
    expect(dropped).toHaveLength(45);
    expect(queue.push('honest', 'h1')).toBe(true);
    expect(queue.push('honest', 'h2')).toBe(true);
    expect(queue.push('honest', 'h3')).toBe(false);
    expect(queue.push('late', 'l1')).toBe(true);
    expect(queue.size()).toBe(4);
    await drain();
    expect(done.filter((item) => !item.startsWith('f'))).toEqual(expect.arrayContaining(['h1', 'l1']));
    expect(done).toHaveLength(5);
  });

  it('lets running work end when it is closed and takes no more', async () => {
    const { queue, done, gates } = open(4);
    queue.push('a', 'a1');
    queue.push('a', 'a2');
    let closed = false;
    const closing = queue.close().then(() => {
      closed = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(closed).toBe(false);
    gates[0]?.();
    await closing;
    expect([done, queue.push('a', 'a3'), queue.size()]).toEqual([['a1'], false, 0]);
  });
});

describe('blob ids', () => {
  it('are CIDv1, raw, sha2-256 in base32, and nothing else', () => {
    // The address of the empty blob is known from elsewhere.
    expect(blobId(new Uint8Array(0))).toBe('bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku');
    const id = blobId(Uint8Array.of(1, 2, 3));
    expect(blobIdFromDigest(blobDigest(id))).toBe(id);
    const dagPb = 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG';
    const dagCbor = 'bafyreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku';
    for (const bad of [
      '',
      dagPb,
      dagCbor,
      id.toUpperCase(),
      `${id}a`,
      id.slice(0, -1),
      `${id.slice(0, -1)}/`,
      '../../../etc/passwd'.padEnd(59, 'a'),
    ]) {
      expect(() => blobDigest(bad)).toThrow(expect.objectContaining({ code: 'COMMITMENT_BLOB_ID' }));
    }
  });
});
