import { connect as connectTcp } from 'node:net';
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import { type GossipSub, gossipsub } from '@libp2p/gossipsub';
import { identify } from '@libp2p/identify';
import type { Libp2p, Stream } from '@libp2p/interface';
import { noise } from '@libp2p/noise';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import { afterEach, describe, expect, it } from 'vitest';
import { blobId } from '../../src/commitment/blobId.ts';
import { blobProtocol } from '../../src/net/blobProtocol.ts';
import { type CreateNetNodeParameters, peerIdOfKey } from '../../src/net/createNetNode.ts';
import { GossipActionError } from '../../src/net/errors.ts';
import { encodeAnnouncement } from '../../src/net/messages.ts';
import { topicName } from '../../src/net/topics.ts';
import { chainId, jobManager, makeAnnouncement, makeAttestation, otherAccount } from '../utils/netFixtures.ts';
import { seedOf, startTestNode, type TestNode, until } from '../utils/netNodes.ts';

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

async function start(name: string, change: Partial<CreateNetNodeParameters> = {}): Promise<TestNode> {
  const node = await startTestNode(name, change);
  stops.push(() => node.stop());
  return node;
}

/** A libp2p node of its own, without this project's manners: what an attacker or a broken peer would run. */
async function startRawNode(name: string) {
  const node: Libp2p<{ gossip: GossipSub }> = await createLibp2p({
    privateKey: await generateKeyPairFromSeed('Ed25519', seedOf(name)),
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: {
      identify: identify(),
      gossip: gossipsub({ allowPublishToZeroTopicPeers: true, maxOutboundBufferSize: 1 << 26 }),
    },
  });
  stops.push(async () => node.stop());
  return node;
}

const announcementTopic = topicName('announcement', chainId, jobManager);

describe('gossip', () => {
  it('carries an announcement over two hops and lets the receiver fetch its blobs from the publisher', async () => {
    const hub = await start('hub');
    const worker = await start('worker', { peers: hub.addresses() });
    const validator = await start('validator', { peers: [...hub.addresses(), ...worker.addresses()] });
    await Promise.all([worker, validator].map((node) => node.waitForListeners('announcement', 2, 10_000)));
    const proof = new TextEncoder().encode('a proof');
    worker.blobs.set(blobId(proof), proof);
    const announcement = await makeAnnouncement();
    expect(await worker.announce(announcement)).toBeGreaterThan(0);
    await until(() => validator.received.length === 1 && hub.received.length === 1, 'both received it');
    const [message] = validator.received;
    expect(message?.announcement).toEqual(announcement);
    expect(message?.source.publisher).toBe(worker.peerId);
    expect(worker.peerId).toBe(await peerIdOfKey(seedOf('worker')));
    const fetched = await validator.fetchBlob(announcement.proofCid, { peers: [message?.source.publisher as string], maxBytes: 100 });
    expect(new TextDecoder().decode(fetched)).toBe('a proof');
    expect(worker.metrics().blobs).toMatchObject({ served: 1, servedBytes: proof.length });
    expect(validator.metrics().announcement).toMatchObject({ accept: 1, handled: 1, reject: {} });

    // Sent again it is another envelope with the same payload: known, and not handed to the role twice.
    await worker.announce(announcement);
    await until(() => (hub.metrics().announcement.ignore['NET_MESSAGE_SEEN'] ?? 0) > 0, 'the copy was ignored');
    expect(hub.received.length).toBe(1);

    expect(await validator.attest(await makeAttestation())).toBeGreaterThan(0);
    await until(() => worker.metrics().attestation.accept === 1, 'the attestation arrived');
  });

  it('refuses other chains, contracts, ids and signatures with their codes, and an unexpected error penalises nobody', async () => {
    let throwUnexpected = false;
    const receiver = await start('receiver', {
      announcements: {
        policy: async (announcement) => {
          if (throwUnexpected) throw new TypeError('a bug');
          if (announcement.leaseNonce === 9) throw new GossipActionError('IGNORE', 'TEST_LEASE_UNKNOWN', 'not seen yet');
          if (announcement.leaseNonce === 8) throw new GossipActionError('REJECT', 'TEST_SIGNATURE', 'bad');
        },
      },
    });
    const sender = await startRawNode('sender');
    await sender.dial(multiaddr(receiver.addresses()[0] as string));
    await until(() => sender.services.gossip.getSubscribers(announcementTopic).length === 1, 'the sender sees the topic');
    const send = async (change: Parameters<typeof makeAnnouncement>[0]) =>
      sender.services.gossip.publish(announcementTopic, encodeAnnouncement(await makeAnnouncement(change)));
    await send({ chainId: 1 });
    await send({ jobManager: `0x${'11'.repeat(20)}` });
    await send({ submissionId: `0x${'11'.repeat(32)}` });
    await send({ leaseNonce: 8 });
    await send({ leaseNonce: 8 });
    await send({ leaseNonce: 9 });
    await send({ leaseNonce: 9 });
    await send({ leaseNonce: 10 });
    await until(() => receiver.metrics().announcement.accept === 1, 'the good one was accepted');
    throwUnexpected = true;
    await send({ leaseNonce: 11 });
    await until(() => receiver.metrics().announcement.ignore['NET_UNEXPECTED'] === 1, 'the unexpected error was counted');
    expect(receiver.metrics().announcement.reject).toEqual({
      NET_ANNOUNCEMENT_CHAIN: 1,
      NET_ANNOUNCEMENT_CONTRACT: 1,
      NET_ANNOUNCEMENT_ID: 1,
      TEST_SIGNATURE: 2,
    });
    // Ignored for the chain's state, so looked at again when it comes again.
    expect(receiver.metrics().announcement.ignore).toEqual({ TEST_LEASE_UNKNOWN: 2, NET_UNEXPECTED: 1 });
    expect(receiver.denied()).toEqual([]);
  });

  it('cuts off a flood of invalid messages while honest ones still pass', async () => {
    const receiver = await start('receiver');
    const honest = await start('honest', { peers: receiver.addresses() });
    const attacker = await startRawNode('attacker');
    await honest.waitForListeners('announcement', 1, 10_000);
    await attacker.dial(multiaddr(receiver.addresses()[0] as string));
    await until(() => attacker.services.gossip.getSubscribers(announcementTopic).length === 1, 'the attacker sees the topic');
    const stolen = encodeAnnouncement(await makeAnnouncement({ operator: otherAccount.address.toLowerCase() as `0x${string}` }));
    const id = attacker.peerId.toString();
    let sent = 0;
    const flood = (async () => {
      for (let i = 0; i < 5000 && !receiver.denied().includes(id); i++) {
        const garbage = stolen.slice(0, 1 + (i % stolen.length));
        await attacker.services.gossip.publish(announcementTopic, i % 7 === 0 ? stolen : garbage).catch(() => {});
        sent++;
        if (i % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      }
    })();
    const honestMessages = 20;
    for (let i = 0; i < honestMessages; i++) {
      await honest.announce(await makeAnnouncement({ windowIndex: i }));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await flood;
    await until(() => receiver.denied().includes(id), 'the attacker is denied', 4000);
    await until(() => receiver.received.length === honestMessages, 'every honest message was handled');
    await until(() => !receiver.peers().includes(id), 'the attacker was hung up on');
    expect(sent).toBeGreaterThan(8);
    expect(Object.values(receiver.metrics().announcement.reject).reduce((a, b) => a + b, 0)).toBeGreaterThanOrEqual(8);
    // A redial is gated; the honest peer is not (control).
    await attacker.dial(multiaddr(receiver.addresses()[0] as string)).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(receiver.peers()).toEqual([honest.peerId]);
    expect(receiver.metrics().peers).toEqual({ connected: 1, denied: 1, deniedEver: 1 });
  });

  it('denies a peer whose envelopes are malformed, which no topic validator ever sees', async () => {
    const receiver = await start('receiver');
    const attacker = await startRawNode('attacker');
    await attacker.dial(multiaddr(receiver.addresses()[0] as string));
    await until(() => attacker.services.gossip.getSubscribers(announcementTopic).length === 1, 'the attacker sees the topic');
    // Sign with a key that is not the author's.
    const stranger = await generateKeyPairFromSeed('Ed25519', seedOf('stranger'));
    const config = (attacker.services.gossip as unknown as { publishConfig: { privateKey: unknown } }).publishConfig;
    config.privateKey = stranger;
    const good = encodeAnnouncement(await makeAnnouncement());
    for (let i = 0; i < 12; i++) await attacker.services.gossip.publish(announcementTopic, good);
    await until(() => receiver.denied().length === 1, 'the attacker is denied', 4000);
    expect(receiver.metrics().announcement).toMatchObject({ accept: 0, bytes: 0 });
  });
});

describe('blobs', () => {
  const big = new Uint8Array(64 * 1024 * 1024);
  for (let i = 0; i < big.length; i += 4096) big[i] = i >> 12;

  it('streams 64 MiB and refuses what is larger than the caller allows', async () => {
    const server = await start('server');
    const client = await start('client', { peers: server.addresses() });
    await client.waitForListeners('announcement', 1, 10_000);
    const id = blobId(big);
    server.blobs.set(id, big);
    server.blobs.set(blobId(new Uint8Array(0)), new Uint8Array(0));
    const fetched = await client.fetchBlob(id);
    expect(Buffer.compare(fetched, big)).toBe(0);
    expect((await client.fetchBlob(blobId(new Uint8Array(0)))).length).toBe(0);
    await expect(client.fetchBlob(id, { maxBytes: big.length - 1 })).rejects.toMatchObject({ code: 'NET_BLOB_TOO_LARGE' });
    await expect(client.fetchBlob(blobId(Uint8Array.of(1)))).rejects.toMatchObject({ code: 'NET_BLOB_NOT_FOUND' });
    await expect(client.fetchBlob('../../etc/passwd')).rejects.toMatchObject({ code: 'COMMITMENT_BLOB_ID' });
  });

  it('turns each way a peer can misbehave into its code', async () => {
    const client = await start('client', { limits: { stallMs: 300, fetchTimeoutMs: 1500, denyAt: 1000 } });
    const peer = await startRawNode('peer');
    let behave: (stream: Stream) => void | Promise<void> = () => {};
    let asked = 0;
    await peer.handle(blobProtocol, async (stream) => {
      asked++;
      await behave(stream);
    });
    await peer.dial(multiaddr(client.addresses()[0] as string));
    await until(() => client.peers().length === 1, 'the client sees the peer');
    const content = new TextEncoder().encode('content');
    const id = blobId(content);
    const head = (status: number, length: number) => {
      const bytes = new Uint8Array(5);
      bytes[0] = status;
      new DataView(bytes.buffer).setUint32(1, length);
      return bytes;
    };
    const fetching = () => client.fetchBlob(id, { peers: [peer.peerId.toString()] });

    behave = async (stream) => {
      stream.send(head(0, content.length));
      stream.send(content);
      await stream.close();
    };
    expect(await fetching()).toEqual(content);

    const faults: [string, (stream: Stream) => void | Promise<void>][] = [
      ['NET_TIMEOUT', () => {}],
      [
        'NET_TIMEOUT',
        (stream) => {
          stream.send(head(0, content.length));
          stream.send(content.slice(1));
        },
      ],
      // One byte at a time keeps the silence short but not the whole fetch.
      [
        'NET_TIMEOUT',
        async (stream) => {
          stream.send(head(0, 1000));
          for (let i = 0; i < 1000 && stream.status === 'open'; i++) {
            stream.send(Uint8Array.of(0));
            await new Promise((resolve) => setTimeout(resolve, 100));
          }
        },
      ],
      ['NET_BLOB_TOO_LARGE', (stream) => void stream.send(head(0, 0xffffffff))],
      [
        'NET_BLOB_HASH_MISMATCH',
        (stream) => {
          stream.send(head(0, content.length));
          stream.send(new TextEncoder().encode('Content'));
        },
      ],
      [
        'NET_BLOB_RESPONSE',
        (stream) => {
          stream.send(head(0, 3));
          stream.send(content);
        },
      ],
      ['NET_BLOB_RESPONSE', (stream) => void stream.send(head(77, 0))],
      ['NET_BLOB_BUSY', (stream) => void stream.send(head(2, 0))],
      ['NET_BLOB_NOT_FOUND', (stream) => void stream.send(head(1, 0))],
      ['NET_BLOB_TRUNCATED', (stream) => stream.close()],
      [
        'NET_BLOB_TRUNCATED',
        async (stream) => {
          stream.send(head(0, content.length));
          stream.send(content.slice(1));
          await stream.close();
        },
      ],
      ['NET_BLOB_TRUNCATED', (stream) => stream.abort(new Error('gone'))],
    ];
    for (const [code, fault] of faults) {
      const before = asked;
      behave = fault;
      const arrayBuffers = process.memoryUsage().arrayBuffers;
      await expect(fetching()).rejects.toMatchObject({ code, exitCode: 5 });
      expect(asked).toBe(before + 1);
      // Above all for the promised 4 GiB.
      expect(process.memoryUsage().arrayBuffers - arrayBuffers).toBeLessThan(32 << 20);
    }
    const nobody = await peerIdOfKey(seedOf('nobody'));
    await expect(client.fetchBlob(id, { peers: [nobody] })).rejects.toMatchObject({ code: 'NET_UNREACHABLE' });
    await peer.unhandle(blobProtocol);
    await expect(fetching()).rejects.toMatchObject({ code: 'NET_UNREACHABLE' });
    await expect(client.fetchBlob(id, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'NET_ABORTED' });
  });

  it('denies a peer that twice delivers wrong bytes, and fetches from the next one', async () => {
    const content = new TextEncoder().encode('content');
    const id = blobId(content);
    const server = await start('server');
    server.blobs.set(id, content);
    const client = await start('client', { peers: server.addresses() });
    const liar = await startRawNode('liar');
    let lies = 0;
    await liar.handle(blobProtocol, async (stream) => {
      lies++;
      stream.send(Uint8Array.of(0, 0, 0, 0, 1, 7));
      await stream.close();
    });
    await liar.dial(multiaddr(client.addresses()[0] as string));
    await client.waitForListeners('announcement', 1, 10_000);
    await until(() => client.peers().length === 2, 'the client sees both');
    const from = { peers: [liar.peerId.toString()] };
    for (let i = 0; i < 3; i++) expect(await client.fetchBlob(id, from)).toEqual(content);
    expect(lies).toBe(2);
    expect(client.denied()).toEqual([liar.peerId.toString()]);
  });

  it('serves others while slow, greedy and garbled requests are refused', async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const content = new TextEncoder().encode('content');
    const slow = blobId(Uint8Array.of(1));
    const server = await start('server', {
      limits: { blobsPerPeer: 2, stallMs: 400 },
      blobs: {
        async get(id) {
          if (id === slow) await gate;
          return id === blobId(content) ? content : undefined;
        },
      },
    });
    const greedy = await start('greedy', { peers: server.addresses() });
    const other = await start('other', { peers: server.addresses() });
    await Promise.all([greedy, other].map((node) => node.waitForListeners('announcement', 1, 10_000)));
    const from = { peers: [server.peerId] };
    const held = [greedy.fetchBlob(slow, from), greedy.fetchBlob(slow, from)].map((fetched) => fetched.catch((error) => error.code));
    await new Promise((resolve) => setTimeout(resolve, 100));
    await expect(greedy.fetchBlob(blobId(content), from)).rejects.toMatchObject({ code: 'NET_BLOB_BUSY' });
    expect(await other.fetchBlob(blobId(content), from)).toEqual(content);
    release();
    expect(await Promise.all(held)).toEqual(['NET_BLOB_NOT_FOUND', 'NET_BLOB_NOT_FOUND']);
    expect(await greedy.fetchBlob(blobId(content), from)).toEqual(content);

    // Requests cut at each byte and left open, then a garbled one.
    const raw = await startRawNode('raw');
    const connection = await raw.dial(multiaddr(server.addresses()[0] as string));
    const request = Uint8Array.from({ length: 36 }, (_, i) => [1, 0x55, 0x12, 0x20][i] ?? 5);
    for (let length = 0; length < 36; length += 5) {
      const stream = await connection.newStream(blobProtocol);
      if (length > 0) stream.send(request.slice(0, length));
      await stream.close();
    }
    const open = await connection.newStream(blobProtocol);
    open.send(request.slice(0, 10));
    await until(() => (server.metrics().blobs.refused['NET_BLOB_ABORTED'] ?? 0) >= 9, 'incomplete requests ended');
    const garbled = await connection.newStream(blobProtocol);
    const answer = new Promise<Uint8Array>((resolve) => garbled.addEventListener('message', (event) => resolve(event.data.subarray())));
    garbled.send(request.map((byte, i) => (i === 1 ? 0x71 : byte)));
    expect([...(await answer)]).toEqual([3, 0, 0, 0, 0]);
    expect(await other.fetchBlob(blobId(content), from)).toEqual(content);
  });
});

describe('connections', () => {
  it('says which address is no peer and which port is taken', async () => {
    const node = await start('first');
    await expect(start('second', { peers: ['/ip4/127.0.0.1/tcp/4001'] })).rejects.toMatchObject({ code: 'NET_ADDRESS', exitCode: 2 });
    await expect(start('second', { peers: ['nonsense'] })).rejects.toMatchObject({ code: 'NET_ADDRESS' });
    const taken = (node.addresses()[0] as string).replace(/\/p2p\/.*/, '');
    await expect(start('second', { listen: [taken] })).rejects.toMatchObject({ code: 'NET_LISTEN', exitCode: 5 });
  });

  it('finds a configured peer again after it was away', async () => {
    const hub = await startTestNode('hub');
    const worker = await start('worker', { peers: hub.addresses() });
    await worker.waitForListeners('announcement', 1, 10_000);
    const [address] = hub.addresses();
    await hub.stop();
    await until(() => worker.peers().length === 0, 'the worker noticed');
    await expect(worker.waitForListeners('announcement', 1, 100)).rejects.toMatchObject({ code: 'NET_TIMEOUT' });
    const again = await start('hub', { listen: [(address as string).replace(/\/p2p\/.*/, '')] });
    await worker.waitForListeners('announcement', 1, 15_000);
    expect(worker.peers()).toEqual([again.peerId]);
  });

  it('stays reachable while many half-open connections and garbled handshakes hang on it', async () => {
    const node = await start('node');
    const port = Number(/tcp\/(\d+)/.exec(node.addresses()[0] as string)?.[1]);
    let opened = 0;
    const sockets = Array.from({ length: 50 }, (_, i) => {
      const socket = connectTcp(port, '127.0.0.1', () => {
        opened++;
        if (i % 2 === 0) socket.write(Buffer.alloc(100, 0xff));
      });
      socket.on('error', () => {});
      return socket;
    });
    stops.push(async () => {
      for (const socket of sockets) socket.destroy();
    });
    await until(() => opened === 50, 'all are open');
    const worker = await start('worker', { peers: node.addresses() });
    await worker.waitForListeners('announcement', 1, 20_000);
    await worker.announce(await makeAnnouncement());
    await until(() => node.received.length === 1, 'an honest message passed');
  });
});
