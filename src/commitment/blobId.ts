import { createHash } from 'node:crypto';
import { CID } from 'multiformats/cid';
import { create as createDigest } from 'multiformats/hashes/digest';
import { AssayError } from '../errors.ts';

/** Address of a blob: CIDv1, codec raw (0x55), sha2-256, in base32 (`bafkrei...`). */
export type BlobId = string;

const rawCodec = 0x55;
const sha256Code = 0x12;
/** Bytes of every such CID in binary: version, codec, hash function, hash length, hash. */
export const blobIdPrefix: Uint8Array = Uint8Array.of(0x01, rawCodec, sha256Code, 0x20);

/** The address of `bytes`. */
export function blobId(bytes: Uint8Array): BlobId {
  return blobIdFromDigest(createHash('sha256').update(bytes).digest());
}

/** The address of the blob whose sha2-256 is `digest` (32 bytes). */
export function blobIdFromDigest(digest: Uint8Array): BlobId {
  if (digest.length !== 32) throw new AssayError('COMMITMENT_BLOB_ID', `A blob's digest has 32 bytes, not ${digest.length}`);
  return CID.createV1(rawCodec, createDigest(sha256Code, digest)).toString();
}

/**
 * The sha2-256 digest (32 bytes) in a blob's address.
 *
 * @throws COMMITMENT_BLOB_ID where `id` is anything but a base32 CIDv1 with codec raw and sha2-256.
 */
export function blobDigest(id: BlobId): Uint8Array {
  // The longest valid form has 59 characters; a longer string is refused before it is parsed.
  if (typeof id === 'string' && id.length === 59) {
    try {
      const cid = CID.parse(id);
      const digest = cid.multihash.digest;
      // Re-encoding refuses other codecs, hashes and spellings of the same address.
      if (digest.length === 32 && blobIdFromDigest(digest) === id) return digest;
    } catch {
      // Falls through to the one error below.
    }
  }
  throw new AssayError('COMMITMENT_BLOB_ID', 'Not a blob address', {
    details: String(id).slice(0, 80),
    hint: 'A blob address is a CIDv1 in base32 with codec raw and sha2-256; it starts with "bafkrei".',
  });
}
