import { AssayError } from '../errors.ts';

/** Reads the part of dag-cbor that wire messages use, and refuses every other spelling of the same value. */
export type CborReader = {
  /** Number of entries of a map. */
  mapSize(): number;
  /** Number of items of an array. */
  arraySize(): number;
  /** Unsigned integer below 2^53. */
  uint(): number;
  /** Byte string of exactly `length` bytes, copied. */
  bytes(length: number): Uint8Array;
  /** UTF-8 text of at most `maxBytes` bytes. */
  text(maxBytes: number): string;
  /** The 32-byte sha2-256 digest of a link (tag 42) to a raw CIDv1. */
  link(): Uint8Array;
  /** Refuses bytes that follow the last item. */
  end(): void;
};

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** 0x00 (the multibase prefix that dag-cbor demands), CIDv1, raw, sha2-256, 32 bytes. */
const linkPrefix = [0x00, 0x01, 0x55, 0x12, 0x20];

function malformed(details: string): AssayError {
  return new AssayError('NET_MESSAGE_MALFORMED', 'Malformed message', { details });
}

/**
 * A strict reader over `data`. Lengths are compared with what is left before anything is copied, so no input makes it allocate more than its own size.
 *
 * Every method throws NET_MESSAGE_MALFORMED where the next item is cut short, of another type, not minimally encoded or out of range.
 */
export function createCborReader(data: Uint8Array): CborReader {
  let offset = 0;

  function take(length: number): Uint8Array {
    if (length > data.length - offset) throw malformed(`cut short at byte ${data.length}`);
    const slice = data.subarray(offset, offset + length);
    offset += length;
    return slice;
  }

  /** Reads a head of the given major type and returns its argument. */
  function head(major: number, what: string): number {
    const at = offset;
    const first = take(1)[0] as number;
    if (first >> 5 !== major) throw malformed(`${what} expected at byte ${at}`);
    const info = first & 31;
    if (info < 24) return info;
    // 24..27: the argument follows in 1, 2, 4 or 8 bytes; 28..31 are reserved or of indefinite length.
    if (info > 27) throw malformed(`indefinite or reserved length at byte ${at}`);
    const width = 1 << (info - 24);
    let value = 0n;
    for (const byte of take(width)) value = (value << 8n) | BigInt(byte);
    const least = width === 1 ? 24n : 1n << BigInt(4 * width);
    if (value < least) throw malformed(`not minimally encoded at byte ${at}`);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw malformed(`integer of 2^53 or more at byte ${at}`);
    return Number(value);
  }

  return {
    mapSize: () => head(5, 'a map'),
    arraySize: () => head(4, 'an array'),
    uint: () => head(0, 'an unsigned integer'),
    bytes(length) {
      const at = offset;
      if (head(2, 'a byte string') !== length) throw malformed(`byte string at byte ${at} must have ${length} bytes`);
      return new Uint8Array(take(length));
    },
    text(maxBytes) {
      const at = offset;
      const length = head(3, 'a text');
      if (length > maxBytes) throw malformed(`text at byte ${at} is longer than ${maxBytes} bytes`);
      try {
        return utf8.decode(take(length));
      } catch (cause) {
        if (cause instanceof AssayError) throw cause;
        throw malformed(`text at byte ${at} is not UTF-8`);
      }
    },
    link() {
      const at = offset;
      if (head(6, 'a link') !== 42 || head(2, 'a link') !== linkPrefix.length + 32)
        throw malformed(`link to a raw sha2-256 CID expected at byte ${at}`);
      const prefix = take(linkPrefix.length);
      if (linkPrefix.some((byte, i) => prefix[i] !== byte)) throw malformed(`link to a raw sha2-256 CID expected at byte ${at}`);
      return new Uint8Array(take(32));
    },
    end() {
      if (offset !== data.length) throw malformed(`${data.length - offset} bytes after the end`);
    },
  };
}
