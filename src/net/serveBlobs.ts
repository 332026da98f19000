import type { Connection, Libp2p, Stream } from '@libp2p/interface';
import { byteStream } from '@libp2p/utils';
import { type BlobId, blobIdFromDigest, blobIdPrefix } from '../commitment/blobId.ts';
import { AssayError } from '../errors.ts';
import { blobHeaderBytes, blobProtocol, blobRequestBytes, blobStatus, maxBlobBytes } from './blobProtocol.ts';
import type { NetLog } from './log.ts';
import { countCode, type NetMetrics } from './metrics.ts';
import { createPeerQuota } from './peerQuota.ts';
import type { PeerStanding } from './peerStanding.ts';

/** Where the blobs come from that this node serves. */
export type BlobSource = {
  /** The blob, or undefined where this node has not got it. */
  get(id: BlobId): Promise<Uint8Array | undefined>;
};

export type ServeBlobsOptions = {
  source: BlobSource;
  metrics: NetMetrics;
  standing: PeerStanding;
  log: NetLog;
  /** Most requests served at once: to one peer, and to all. */
  perPeer: number;
  total: number;
  /** A request that is not complete, or a chunk that is not taken, in this time ends the stream. */
  stallMs: number;
};

const chunkBytes = 64 * 1024;

function header(status: number, length: number): Uint8Array {
  const bytes = new Uint8Array(blobHeaderBytes);
  bytes[0] = status;
  new DataView(bytes.buffer).setUint32(1, length);
  return bytes;
}

/** Answers blob requests on `libp2p` until it stops. */
export async function serveBlobs(libp2p: Libp2p, options: ServeBlobsOptions): Promise<void> {
  const { source, metrics, standing, log, perPeer, total, stallMs } = options;
  const active = new Map<string, number>();
  let activeTotal = 0;
  const quota = createPeerQuota(64, 16);

  async function send(stream: Stream, bytes: Uint8Array): Promise<void> {
    if (!stream.send(bytes)) await stream.onDrain({ signal: AbortSignal.timeout(stallMs) });
  }

  async function refuse(stream: Stream, status: number, code: string): Promise<void> {
    countCode(metrics.blobs.refused, code);
    await send(stream, header(status, 0));
  }

  async function answer(stream: Stream, peer: string, crowded: boolean): Promise<void> {
    // A request has one length, so nothing longer is ever buffered.
    const request = (
      await byteStream(stream, { maxBufferSize: 1024 }).read({ bytes: blobRequestBytes, signal: AbortSignal.timeout(stallMs) })
    ).subarray();
    if (crowded || !quota.take(peer)) return refuse(stream, blobStatus.busy, 'NET_BLOB_BUSY');
    if (blobIdPrefix.some((byte, i) => request[i] !== byte)) {
      standing.strike(peer, 1);
      return refuse(stream, blobStatus.malformed, 'NET_BLOB_REQUEST');
    }
    const id = blobIdFromDigest(request.slice(blobIdPrefix.length));
    const blob = await source.get(id);
    if (blob === undefined) return refuse(stream, blobStatus.notFound, 'NET_BLOB_NOT_FOUND');
    if (blob.length > maxBlobBytes) return refuse(stream, blobStatus.notFound, 'NET_BLOB_TOO_LARGE');
    await send(stream, header(blobStatus.found, blob.length));
    for (let offset = 0; offset < blob.length; offset += chunkBytes) await send(stream, blob.subarray(offset, offset + chunkBytes));
    metrics.blobs.served++;
    metrics.blobs.servedBytes += blob.length;
  }

  async function handle(stream: Stream, connection: Connection): Promise<void> {
    const peer = connection.remotePeer.toString();
    const own = active.get(peer) ?? 0;
    active.set(peer, own + 1);
    activeTotal++;
    try {
      await answer(stream, peer, own >= perPeer || activeTotal > total);
      await stream.close({ signal: AbortSignal.timeout(stallMs) });
    } catch (error) {
      // A corrupt blob of this node is its own fault and worth a warning; a peer that hangs up is not.
      const code = error instanceof AssayError ? error.code : 'NET_BLOB_ABORTED';
      countCode(metrics.blobs.refused, code);
      if (error instanceof AssayError) log.warn({ err: error, peer }, 'blob not served');
      else log.debug({ err: error, peer }, 'blob request ended early');
      stream.abort(error instanceof Error ? error : new Error(String(error)));
    } finally {
      activeTotal--;
      const left = (active.get(peer) ?? 1) - 1;
      if (left > 0) active.set(peer, left);
      else active.delete(peer);
    }
  }

  await libp2p.handle(
    blobProtocol,
    (stream, connection) => {
      void handle(stream, connection);
    },
    // Room above the limit, so that the peer is told "busy" rather than reset.
    { maxInboundStreams: 4 * perPeer },
  );
}
