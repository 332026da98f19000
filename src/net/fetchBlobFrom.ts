import { createHash } from 'node:crypto';
import type { Libp2p, PeerId, Stream } from '@libp2p/interface';
import { byteStream } from '@libp2p/utils';
import { type BlobId, blobDigest, blobIdPrefix } from '../commitment/blobId.ts';
import { AssayError, exitCodes, walkCauses } from '../errors.ts';
import { blobHeaderBytes, blobProtocol, blobStatus, maxBlobBytes } from './blobProtocol.ts';

export type FetchBlobFromOptions = {
  /** Refuse a longer blob before any of it is read. Default and maximum: 64 MiB. */
  maxBytes?: number;
  /** Longest wait for the next bytes. */
  stallMs: number;
  /** Longest time for the whole fetch. */
  timeoutMs: number;
  signal?: AbortSignal;
};

function fault(code: string, message: string, cause?: unknown): AssayError {
  return new AssayError(code, message, { exitCode: exitCodes.network, ...(cause === undefined ? {} : { cause }) });
}

async function receive(stream: Stream, id: BlobId, maxBytes: number, signalOf: () => AbortSignal): Promise<Uint8Array> {
  const bytes = byteStream(stream);
  const header = (await bytes.read({ bytes: blobHeaderBytes, signal: signalOf() })).subarray();
  const status = header[0];
  const length = new DataView(header.buffer, header.byteOffset).getUint32(1);
  if (status === blobStatus.notFound) throw fault('NET_BLOB_NOT_FOUND', `The peer has no blob ${id}`);
  if (status === blobStatus.busy) throw fault('NET_BLOB_BUSY', 'The peer serves too many requests');
  if (status !== blobStatus.found) throw fault('NET_BLOB_RESPONSE', `The peer answered with status ${status}`);
  // Before anything is allocated for it.
  if (length > maxBytes) throw fault('NET_BLOB_TOO_LARGE', `The blob has ${length} bytes; the limit is ${maxBytes}`);
  // Kept as received and joined at the end: memory grows with what has arrived, not with what was promised.
  const chunks: Uint8Array[] = [];
  const hash = createHash('sha256');
  let received = 0;
  while (received < length) {
    const chunk = await bytes.read({ signal: signalOf() });
    if (chunk === null) throw fault('NET_BLOB_TRUNCATED', `The stream ended after ${received} of ${length} bytes`);
    received += chunk.byteLength;
    if (received > length) throw fault('NET_BLOB_RESPONSE', 'The peer sent more than it announced');
    for (const part of chunk) {
      hash.update(part);
      chunks.push(part);
    }
  }
  if (!hash.digest().equals(blobDigest(id))) throw fault('NET_BLOB_HASH_MISMATCH', `The bytes that arrived are not blob ${id}`);
  const blob = new Uint8Array(length);
  let offset = 0;
  for (const part of chunks) {
    blob.set(part, offset);
    offset += part.length;
  }
  return blob;
}

/**
 * Fetches one blob from one peer, dialling it where needed, and checks its hash.
 *
 * @throws NET_BLOB_NOT_FOUND, NET_BLOB_BUSY, NET_BLOB_TOO_LARGE, NET_BLOB_TRUNCATED, NET_BLOB_HASH_MISMATCH, NET_BLOB_RESPONSE (breaks the protocol),
 *   NET_TIMEOUT, NET_UNREACHABLE, NET_ABORTED; COMMITMENT_BLOB_ID
 */
export async function fetchBlobFrom(libp2p: Libp2p, peer: PeerId, id: BlobId, options: FetchBlobFromOptions): Promise<Uint8Array> {
  const digest = blobDigest(id);
  const maxBytes = Math.min(options.maxBytes ?? maxBlobBytes, maxBlobBytes);
  const overall = AbortSignal.any([AbortSignal.timeout(options.timeoutMs), ...(options.signal ? [options.signal] : [])]);
  const signalOf = () => AbortSignal.any([overall, AbortSignal.timeout(options.stallMs)]);
  let stream: Stream | undefined;
  try {
    stream = await libp2p.dialProtocol(peer, blobProtocol, { signal: signalOf() });
    const request = new Uint8Array([...blobIdPrefix, ...digest]);
    if (!stream.send(request)) await stream.onDrain({ signal: signalOf() });
    const blob = await receive(stream, id, maxBytes, signalOf);
    await stream.close({ signal: signalOf() }).catch(() => {});
    return blob;
  } catch (cause) {
    stream?.abort(new Error('blob fetch failed'));
    if (cause instanceof AssayError) throw cause;
    if (options.signal?.aborted) throw fault('NET_ABORTED', 'The fetch was aborted', cause);
    const name = (e: unknown) => (e instanceof Error ? e.name : '');
    if (overall.aborted || walkCauses(cause, (e) => ['TimeoutError', 'AbortError'].includes(name(e))) !== undefined) {
      throw fault('NET_TIMEOUT', `The peer did not deliver blob ${id} in time`, cause);
    }
    const served = walkCauses(cause, (e) => name(e) === 'UnsupportedProtocolError') === undefined;
    if (stream !== undefined && served)
      throw fault('NET_BLOB_TRUNCATED', 'The peer ended the stream before its answer was complete', cause);
    throw fault('NET_UNREACHABLE', `Peer ${peer.toString()} cannot be reached, or serves no blobs`, cause);
  }
}
