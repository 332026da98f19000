import { encode as encodeDagCbor } from '@ipld/dag-cbor';
import { CID } from 'multiformats/cid';
import { type BlobId, blobDigest, blobIdFromDigest } from '../commitment/blobId.ts';
import { R } from '../commitment/field.ts';
import { AssayError } from '../errors.ts';
import { type CborReader, createCborReader } from './cborReader.ts';

/** Lowercase hexadecimal with 0x. */
export type Hex = `0x${string}`;

/** An operator's signed claim that it has proved a window or an answer; docs/reference/messages.md. Integers are below 2^53. */
export type Announcement = {
  chainId: number;
  /** 20 bytes. */
  jobManager: Hex;
  jobId: number;
  windowIndex: number;
  contributionIndex: number;
  leaseNonce: number;
  /** The operator's cold address, 20 bytes. */
  operator: Hex;
  /** 32 bytes. */
  submissionId: Hex;
  /** The words of the job's statement, 32 bytes each: 8 of a window, 5 or more of an answer. */
  statement: readonly Hex[];
  /** 32 bytes. */
  proofHash: Hex;
  /** The proof file: what proofHash commits to. */
  proofCid: BlobId;
  /** The child checkpoint; of an answer, the input blob. */
  checkpointCid: BlobId;
  /** 65 bytes: r, s, v (27 or 28), by the operator's hot key. */
  signature: Hex;
};

/** What a validator found; docs/reference/messages.md. */
export type Attestation = {
  /** 32 bytes. */
  submissionId: Hex;
  /** 32 bytes. */
  proofHash: Hex;
  /** `accept`, or the stable code of the refusal. */
  verdict: string;
  /** The validator's cold address, 20 bytes. */
  validator: Hex;
  /** 65 bytes: r, s, v (27 or 28), by the validator's hot key. */
  signature: Hex;
};

/** A longer message of any kind is refused before it is decoded. */
export const maxMessageBytes = 2048;
const maxVerdictBytes = 64;
const verdictPattern = /^(accept|[A-Z][A-Z0-9]*(_[A-Z0-9]+)+)$/;
const messageVersion = 1;
/** s of a signature is at most half the order of secp256k1, so that nobody but the signer can make a second valid form. */
const halfOrder = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

type Field<T> = { read(reader: CborReader): T; write(value: T): unknown };

function malformed(details: string): AssayError {
  return new AssayError('NET_MESSAGE_MALFORMED', 'Malformed message', { details });
}

function toHex(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes).toString('hex')}`;
}

function fixedBytes(length: number, check: (bytes: Uint8Array) => void = () => {}): Field<Hex> {
  const pattern = new RegExp(`^0x[0-9a-fA-F]{${2 * length}}$`);
  return {
    read(reader) {
      const bytes = reader.bytes(length);
      check(bytes);
      return toHex(bytes);
    },
    write(value) {
      if (!pattern.test(value)) throw malformed(`${length} bytes in hexadecimal expected`);
      const bytes = new Uint8Array(Buffer.from(value.slice(2), 'hex'));
      check(bytes);
      return bytes;
    },
  };
}

const signature = fixedBytes(65, (bytes) => {
  const s = BigInt(toHex(bytes.subarray(32, 64)));
  if (s === 0n || s > halfOrder) throw malformed('s of the signature is not in the lower half');
  if (bytes[64] !== 27 && bytes[64] !== 28) throw malformed('v of the signature is neither 27 nor 28');
});

const word = fixedBytes(32, (bytes) => {
  if (BigInt(toHex(bytes)) >= R) throw malformed('word of the statement is not below r');
});

const uint: Field<number> = {
  read: (reader) => reader.uint(),
  write(value) {
    if (!Number.isSafeInteger(value) || value < 0) throw malformed('integer in [0, 2^53) expected');
    return value;
  },
};

const link: Field<BlobId> = {
  read: (reader) => blobIdFromDigest(reader.link()),
  write(value) {
    blobDigest(value);
    return CID.parse(value);
  },
};

/** More would not fit into a message; an answer of more words is submitted unannounced. */
export const maxStatementWords = 32;

function checkWords(words: number): void {
  if (words < 5 || words > maxStatementWords) throw malformed(`a statement has 5 to ${maxStatementWords} words`);
}

const statement: Field<readonly Hex[]> = {
  read(reader) {
    const words = reader.arraySize();
    checkWords(words);
    return Array.from({ length: words }, () => word.read(reader));
  },
  write(value) {
    checkWords(Array.isArray(value) ? value.length : 0);
    return value.map((item) => word.write(item));
  },
};

const verdict: Field<string> = {
  read: (reader) => verdict.write(reader.text(maxVerdictBytes)) as string,
  write(value) {
    if (typeof value !== 'string' || value.length > maxVerdictBytes || !verdictPattern.test(value))
      throw malformed('verdict is neither "accept" nor a code');
    return value;
  },
};

const version: Field<1> = {
  read(reader) {
    const value = reader.uint();
    if (value !== messageVersion) {
      throw new AssayError('NET_MESSAGE_VERSION', `Message version ${value} is not known`, {
        hint: 'A newer node may have sent it: upgrade.',
      });
    }
    return messageVersion;
  },
  write: () => messageVersion,
};

type Fields<T> = { [K in keyof T]: Field<T[K]> };

/** Encoder and decoder of a map with exactly these keys and `v: 1`. */
function defineMessage<T extends object>(fields: Fields<T>): { encode(value: T): Uint8Array; decode(data: Uint8Array): T } {
  const all: Record<string, Field<unknown>> = { ...(fields as unknown as Record<string, Field<unknown>>), v: version as Field<unknown> };
  // Canonical dag-cbor order: shorter keys first, then bytewise. So `v` always comes first, before any field of a version not known.
  const keys = Object.keys(all).sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  const maxKeyBytes = Math.max(...keys.map((key) => key.length));

  return {
    encode(value) {
      const record = value as Record<string, unknown>;
      const extra = Object.keys(record).find((key) => key === 'v' || !(key in all));
      if (extra !== undefined) throw malformed(`unknown key ${JSON.stringify(extra)}`);
      const map: Record<string, unknown> = {};
      for (const key of keys) map[key] = (all[key] as Field<unknown>).write(record[key]);
      // A plain array: a Buffer would be a view of a pool, and its slice() shares memory.
      return new Uint8Array(encodeDagCbor(map));
    },
    decode(data) {
      if (data.length > maxMessageBytes) {
        throw new AssayError('NET_MESSAGE_TOO_LARGE', `Message of ${data.length} bytes; the limit is ${maxMessageBytes}`);
      }
      const reader = createCborReader(data);
      const size = reader.mapSize();
      const map: Record<string, unknown> = {};
      for (const [i, key] of keys.entries()) {
        if (i === size) throw malformed(`key "${key}" is missing`);
        if (reader.text(maxKeyBytes) !== key) throw malformed(`key "${key}" expected at place ${i}`);
        const value = (all[key] as Field<unknown>).read(reader);
        if (key !== 'v') map[key] = value;
      }
      if (size !== keys.length) throw malformed(`${size} keys instead of ${keys.length}`);
      reader.end();
      return map as T;
    },
  };
}

const announcement = defineMessage<Announcement>({
  chainId: uint,
  jobManager: fixedBytes(20),
  jobId: uint,
  windowIndex: uint,
  contributionIndex: uint,
  leaseNonce: uint,
  operator: fixedBytes(20),
  submissionId: fixedBytes(32),
  statement,
  proofHash: fixedBytes(32),
  proofCid: link,
  checkpointCid: link,
  signature,
});

const attestation = defineMessage<Attestation>({
  submissionId: fixedBytes(32),
  proofHash: fixedBytes(32),
  verdict,
  validator: fixedBytes(20),
  signature,
});

/** Canonical dag-cbor of an announcement. Throws NET_MESSAGE_MALFORMED or COMMITMENT_BLOB_ID where a field is out of its range. */
export function encodeAnnouncement(value: Announcement): Uint8Array {
  return announcement.encode(value);
}

/**
 * Reads an announcement; only its one canonical encoding is accepted.
 *
 * @throws NET_MESSAGE_TOO_LARGE, NET_MESSAGE_VERSION, NET_MESSAGE_MALFORMED (every other fault)
 */
export function decodeAnnouncement(data: Uint8Array): Announcement {
  return announcement.decode(data);
}

/** Canonical dag-cbor of an attestation. Throws NET_MESSAGE_MALFORMED where a field is out of its range. */
export function encodeAttestation(value: Attestation): Uint8Array {
  return attestation.encode(value);
}

/**
 * Reads an attestation; only its one canonical encoding is accepted.
 *
 * @throws NET_MESSAGE_TOO_LARGE, NET_MESSAGE_VERSION, NET_MESSAGE_MALFORMED (every other fault)
 */
export function decodeAttestation(data: Uint8Array): Attestation {
  return attestation.decode(data);
}
