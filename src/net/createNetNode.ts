import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import { type GossipSub, gossipsub, StrictSign } from '@libp2p/gossipsub';
import { identify } from '@libp2p/identify';
import type { Libp2p, PeerId } from '@libp2p/interface';
import { noise } from '@libp2p/noise';
import { peerIdFromString } from '@libp2p/peer-id';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import type { BlobId } from '../commitment/blobId.ts';
import { AssayError, exitCodes } from '../errors.ts';
import { GossipActionError } from './errors.ts';
import { createFairQueue } from './fairQueue.ts';
import { fetchBlobFrom } from './fetchBlobFrom.ts';
import { type NetLog, silentLog } from './log.ts';
import {
  type Announcement,
  type Attestation,
  decodeAnnouncement,
  decodeAttestation,
  encodeAnnouncement,
  encodeAttestation,
  type Hex,
  maxMessageBytes,
} from './messages.ts';
import { countCode, createNetMetrics, type NetMetricsSnapshot, snapshotNetMetrics, type TopicName } from './metrics.ts';
import { createPeerQuota } from './peerQuota.ts';
import { createPeerStanding } from './peerStanding.ts';
import { graylistScore, scoreParams, scoreThresholds } from './scoring.ts';
import { type BlobSource, serveBlobs } from './serveBlobs.ts';
import { topicName } from './topics.ts';
import { createTopicValidator, type MessagePolicy, type MessageSource } from './topicValidator.ts';

/** A role's part in a topic: what it demands of a message, and what it does with one that was accepted. */
export type TopicRole<T> = {
  /** Signature and chain state; runs inside gossip's validation, so it must take milliseconds. Throws GossipActionError. */
  policy: MessagePolicy<T>;
  /** Runs outside it, from a bounded queue in which operators take turns; may take long. */
  handle?: (message: T, source: MessageSource) => Promise<void>;
};

export type NetLimits = {
  /** Messages a neighbour may send at once, and in a second from then on. */
  quotaBurst: number;
  quotaPerSecond: number;
  /** Different announcements about one operator's submission, and attestations of one validator about one, that are handed on. */
  subjectCap: number;
  /** Accepted messages that wait for the role, and that it works on at once. */
  queueCapacity: number;
  queueConcurrency: number;
  maxConnections: number;
  blobsPerPeer: number;
  blobsTotal: number;
  /** Longest silence in a blob transfer, and longest whole fetch from one peer. */
  stallMs: number;
  fetchTimeoutMs: number;
  /** REJECTs (halving every two minutes) after which a peer is denied, and for how long. */
  denyAt: number;
  denyForMs: number;
};

const defaultNetLimits: NetLimits = {
  quotaBurst: 128,
  quotaPerSecond: 32,
  subjectCap: 4,
  queueCapacity: 256,
  queueConcurrency: 1,
  maxConnections: 128,
  blobsPerPeer: 4,
  blobsTotal: 16,
  stallMs: 10_000,
  fetchTimeoutMs: 120_000,
  denyAt: 8,
  denyForMs: 3_600_000,
};

export type CreateNetNodeParameters = {
  /** Multiaddrs to listen on, as `/ip4/127.0.0.1/tcp/0`; empty: dials only. */
  listen: readonly string[];
  /** Multiaddrs of peers to stay connected with; each ends in `/p2p/<peer id>`. */
  peers: readonly string[];
  /** Ed25519 seed, 32 bytes. */
  privateKey: Uint8Array;
  chainId: number;
  /** 20 bytes. */
  jobManager: Hex;
  /** The submission id that an announcement's fields lead to: src/commitment's `submissionId`. */
  submissionIdOf: (announcement: Announcement) => Hex;
  announcements: TopicRole<Announcement>;
  attestations: TopicRole<Attestation>;
  blobs: BlobSource;
  limits?: Partial<NetLimits>;
  log?: NetLog;
};

export type FetchBlobOptions = {
  /** Peer ids to ask first, in this order; then every connected peer is asked. */
  peers?: readonly string[];
  /** Refuse a longer blob before any of it is read; at most 64 MiB. */
  maxBytes?: number;
  signal?: AbortSignal;
};

/** A running node. */
export type NetNode = {
  peerId: string;
  /** Own multiaddrs, each with the peer id. */
  addresses(): string[];
  /** Peer ids of open connections. */
  peers(): string[];
  /** Sends an announcement to the topic; returns to how many neighbours. Sending it again reaches those who joined since. */
  announce(announcement: Announcement): Promise<number>;
  attest(attestation: Attestation): Promise<number>;
  /** Neighbours that listen to a topic. */
  listeners(topic: TopicName): string[];
  /** Resolves once `count` neighbours listen to `topic`; NET_TIMEOUT otherwise. */
  waitForListeners(topic: TopicName, count: number, timeoutMs: number): Promise<void>;
  /** The blob, hash-checked. Throws the most telling peer's error, with all in its details; NET_BLOB_NOT_FOUND where nobody has it or there is nobody to ask. */
  fetchBlob(id: BlobId, options?: FetchBlobOptions): Promise<Uint8Array>;
  /** Peer ids on the deny list. */
  denied(): string[];
  metrics(): NetMetricsSnapshot;
  /** Hangs up, drops queued messages, and resolves when the handlers that run have ended. */
  stop(): Promise<void>;
};

/** Two wrong answers within minutes are enough: that takes more than bad luck. */
const wrongAnswerStrike = 5;
const redialMinMs = 500;
const redialMaxMs = 15_000;

function parsePeer(text: string): { address: Multiaddr; id: PeerId } {
  try {
    const address = multiaddr(text);
    const id = address.getComponents().findLast((component) => component.name === 'p2p')?.value;
    if (id === undefined) throw new AssayError('NET_ADDRESS', 'No peer id');
    return { address, id: peerIdFromString(id) };
  } catch (cause) {
    throw new AssayError('NET_ADDRESS', `Not the address of a peer: ${text}`, {
      hint: 'An address looks like /ip4/192.0.2.1/tcp/4001/p2p/12D3KooW...; without the peer id nobody could tell who answers.',
      exitCode: exitCodes.usage,
      cause,
    });
  }
}

/** The libp2p peer id of an Ed25519 seed of 32 bytes. */
export async function peerIdOfKey(privateKey: Uint8Array): Promise<string> {
  const { publicKey } = await generateKeyPairFromSeed('Ed25519', privateKey);
  return publicKey.toString();
}

/**
 * Starts a libp2p node that listens to the announcements and attestations about one JobManager, hands on the good ones, and serves blobs.
 *
 * @throws NET_ADDRESS, NET_LISTEN (port taken, address not this machine's)
 *
 * @example
 * const node = await createNetNode({ listen: ['/ip4/127.0.0.1/tcp/0'], peers: [], privateKey, chainId, jobManager, submissionIdOf, announcements, attestations, blobs });
 * const bytes = await node.fetchBlob(announcement.proofCid, { peers: [source.publisher], maxBytes: 65_536 });
 */
export async function createNetNode(parameters: CreateNetNodeParameters): Promise<NetNode> {
  const { chainId, submissionIdOf, announcements, attestations, blobs, log = silentLog } = parameters;
  const limits = { ...defaultNetLimits, ...parameters.limits };
  const jobManager = parameters.jobManager.toLowerCase() as Hex;
  const bootstrap = parameters.peers.map(parsePeer);
  const metrics = createNetMetrics();
  const topics = {
    announcement: topicName('announcement', chainId, jobManager),
    attestation: topicName('attestation', chainId, jobManager),
  };
  const privateKey = await generateKeyPairFromSeed('Ed25519', parameters.privateKey);

  const standing = createPeerStanding({
    denyAt: limits.denyAt,
    halfLifeMs: 120_000,
    denyForMs: limits.denyForMs,
    onDeny(peer) {
      metrics.deniedEver++;
      log.info({ peer }, 'peer denied');
      // Graylisting alone leaves the connection open.
      libp2p.hangUp(peerIdFromString(peer)).catch((error) => log.debug({ err: error, peer }, 'hanging up failed'));
    },
  });
  const denies = (peer: PeerId) => standing.isDenied(peer.toString());

  const libp2p: Libp2p<{ gossip: GossipSub }> = await createLibp2p({
    start: false,
    privateKey,
    addresses: { listen: [...parameters.listen] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    // A stream's window bounds what one fetch can have unread; it stays below the buffer of @libp2p/utils' byteStream (4 MiB).
    streamMuxers: [yamux({ streamOptions: { maxStreamWindowSize: 2 * 1024 * 1024 } })],
    connectionManager: {
      maxConnections: limits.maxConnections,
      // Connections that never finish their handshake must not keep the others out.
      inboundUpgradeTimeout: 5000,
      maxIncomingPendingConnections: 64,
      inboundConnectionThreshold: 32,
    },
    connectionGater: {
      denyDialPeer: denies,
      denyInboundEncryptedConnection: denies,
      denyOutboundEncryptedConnection: denies,
    },
    services: {
      identify: identify(),
      gossip: gossipsub({
        globalSignaturePolicy: StrictSign,
        allowedTopics: Object.values(topics),
        allowPublishToZeroTopicPeers: true,
        fallbackToFloodsub: false,
        doPX: false,
        // A message and its envelope; the validator holds the payload to its exact cap.
        maxInboundDataLength: 64 * maxMessageBytes,
        maxOutboundBufferSize: 1 << 20,
        scoreParams: scoreParams(Object.values(topics)),
        scoreThresholds,
      }),
    },
  });
  const gossip = libp2p.services.gossip;
  const quota = createPeerQuota(limits.quotaBurst, limits.quotaPerSecond);

  function createTopic<T>(
    name: TopicName,
    role: TopicRole<T>,
    owner: (message: T) => string,
    rules: Pick<Parameters<typeof createTopicValidator<T>>[0], 'decode' | 'checkDomain' | 'subject'>,
  ) {
    const counts = metrics.topics[name];
    const queue = createFairQueue<{ message: T; source: MessageSource }>({
      capacity: limits.queueCapacity,
      concurrency: limits.queueConcurrency,
      async work({ message, source }) {
        await role.handle?.(message, source);
        counts.handled++;
      },
      onError(error) {
        counts.failed++;
        log.warn({ err: error, topic: name }, 'handling a message failed');
      },
      onDrop() {
        counts.dropped++;
      },
    });
    gossip.topicValidators.set(
      topics[name],
      createTopicValidator<T>({
        ...rules,
        subjectCap: limits.subjectCap,
        policy: role.policy,
        accepted(message, source) {
          if (role.handle) queue.push(owner(message), { message, source });
        },
        quota,
        standing,
        counts,
        log,
      }),
    );
    return queue;
  }

  const queues = [
    createTopic<Announcement>('announcement', announcements, (message) => message.operator, {
      decode: decodeAnnouncement,
      checkDomain(message) {
        if (message.chainId !== chainId) throw new GossipActionError('REJECT', 'NET_ANNOUNCEMENT_CHAIN', 'Announcement for another chain');
        if (message.jobManager !== jobManager)
          throw new GossipActionError('REJECT', 'NET_ANNOUNCEMENT_CONTRACT', 'Announcement for another contract');
        if (message.submissionId !== submissionIdOf(message)) {
          throw new GossipActionError('REJECT', 'NET_ANNOUNCEMENT_ID', 'The submission id is not that of the fields');
        }
      },
      subject: (message) => `${message.submissionId}${message.operator}`,
    }),
    createTopic<Attestation>('attestation', attestations, (message) => message.validator, {
      decode: decodeAttestation,
      checkDomain() {},
      subject: (message) => `${message.submissionId}${message.validator}`,
    }),
  ];

  // Also catches what costs score outside the validators: bad envelopes, broken promises, grafting too soon.
  const scores = gossip as unknown as { getScore(peer: string): number };
  gossip.addEventListener('gossipsub:heartbeat', () => {
    for (const peer of gossip.getPeers()) {
      const id = peer.toString();
      if (scores.getScore(id) < graylistScore) standing.deny(id);
    }
  });

  await serveBlobs(libp2p, {
    source: blobs,
    metrics,
    standing,
    log,
    perPeer: limits.blobsPerPeer,
    total: limits.blobsTotal,
    stallMs: limits.stallMs,
  });
  try {
    await libp2p.start();
  } catch (cause) {
    await Promise.resolve(libp2p.stop()).catch(() => {});
    throw new AssayError('NET_LISTEN', `Cannot listen on ${parameters.listen.join(', ')}`, {
      hint: 'Is the port taken by another program? Choose another, or port 0 for any free one.',
      exitCode: exitCodes.network,
      cause,
    });
  }
  for (const topic of Object.values(topics)) gossip.subscribe(topic);

  const stopped = new AbortController();

  /** Keeps one configured peer connected; waits longer after each failure. */
  async function keepConnected({ address, id }: { address: Multiaddr; id: PeerId }): Promise<void> {
    let wait = redialMinMs;
    while (!stopped.signal.aborted) {
      if (libp2p.getConnections(id).length > 0) wait = redialMinMs;
      else if (!denies(id)) {
        try {
          await libp2p.dial(address, { signal: stopped.signal });
          wait = redialMinMs;
        } catch (error) {
          log.debug({ err: error, peer: id.toString() }, 'dialling a configured peer failed');
          wait = Math.min(redialMaxMs, 2 * wait);
        }
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, wait);
        function done(): void {
          clearTimeout(timer);
          stopped.signal.removeEventListener('abort', done);
          resolve();
        }
        stopped.signal.addEventListener('abort', done);
        if (stopped.signal.aborted) done();
      });
    }
  }
  const redials = bootstrap.map(keepConnected);

  async function publish(name: TopicName, bytes: Uint8Array): Promise<number> {
    const { recipients } = await gossip.publish(topics[name], bytes);
    metrics.topics[name].published++;
    return recipients.length;
  }

  const listeners = (name: TopicName) => gossip.getSubscribers(topics[name]).map((peer) => peer.toString());
  const connected = () => [...new Set(libp2p.getConnections().map((connection) => connection.remotePeer.toString()))];

  return {
    peerId: libp2p.peerId.toString(),
    addresses: () => libp2p.getMultiaddrs().map((address) => address.toString()),
    peers: connected,
    announce: async (announcement) => publish('announcement', encodeAnnouncement(announcement)),
    attest: async (attestation) => publish('attestation', encodeAttestation(attestation)),
    listeners,
    async waitForListeners(name, count, timeoutMs) {
      const deadline = performance.now() + timeoutMs;
      while (listeners(name).length < count) {
        if (stopped.signal.aborted || performance.now() > deadline) {
          throw new AssayError('NET_TIMEOUT', `Only ${listeners(name).length} of ${count} neighbours listen to ${name}s`, {
            hint: 'Are the configured peers running, and do they serve the same chain and contract?',
            exitCode: exitCodes.network,
          });
        }
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    },
    async fetchBlob(id, options = {}) {
      const own = libp2p.peerId.toString();
      const candidates = [...new Set([...(options.peers ?? []), ...connected()])].filter(
        (peer) => peer !== own && !standing.isDenied(peer),
      );
      const failures: string[] = [];
      let telling: AssayError | undefined;
      for (const peer of candidates) {
        try {
          const blob = await fetchBlobFrom(libp2p, peerIdFromString(peer), id, {
            stallMs: limits.stallMs,
            timeoutMs: limits.fetchTimeoutMs,
            ...(options.maxBytes === undefined ? {} : { maxBytes: options.maxBytes }),
            ...(options.signal === undefined ? {} : { signal: options.signal }),
          });
          metrics.blobs.fetched++;
          metrics.blobs.fetchedBytes += blob.length;
          return blob;
        } catch (error) {
          if (!(error instanceof AssayError)) throw error;
          const { code } = error;
          // "Not found" from those asked on the off chance must not hide why the one that should have it did not deliver.
          if (telling === undefined || telling.code === 'NET_BLOB_NOT_FOUND') telling = error;
          countCode(metrics.blobs.failed, code);
          failures.push(`${peer}: ${code}`);
          // Only what an honest peer cannot do counts: wrong bytes and a broken protocol, not slowness.
          if (code === 'NET_BLOB_HASH_MISMATCH' || code === 'NET_BLOB_RESPONSE') standing.strike(peer, wrongAnswerStrike);
          if (code === 'NET_ABORTED') break;
        }
      }
      throw new AssayError(telling?.code ?? 'NET_BLOB_NOT_FOUND', telling?.message ?? `No peer to ask for blob ${id}`, {
        details: failures.join('\n'),
        exitCode: exitCodes.network,
        cause: telling,
      });
    },
    denied: () => standing.denied(),
    metrics: () => snapshotNetMetrics(metrics, { connected: connected().length, denied: standing.denied().length }),
    async stop() {
      stopped.abort();
      const closing = queues.map((queue) => queue.close());
      await libp2p.stop();
      await Promise.all([...closing, ...redials]);
    },
  };
}
