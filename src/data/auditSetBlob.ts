import { bytesToBigInt, numberToBytes } from 'viem';
import { R } from '../commitment/field.ts';
import type { Poseidon2 } from '../commitment/poseidon2.ts';
import { AssayError } from '../errors.ts';
import { type AuditSet, commitAuditSet } from './auditSet.ts';

const magic = new TextEncoder().encode('ASSAYAS1');
const headerLength = magic.length + 7 * 4;
/** As many bytes as are read: 256 chunks of 65,535 samples would be far more than any audit takes. */
const maxBytes = 2 ** 30;

/** An audit set as the bytes of docs/reference/encodings.md, "Audit set file". Salts are in it: a private set's file is secret. */
export function encodeAuditSet(set: AuditSet): Uint8Array {
  const { featureBits, features, classes, groups, samples, chunks, tree } = set;
  const each = samples * features + samples + 32;
  const bytes = new Uint8Array(headerLength + chunks.length * each);
  const view = new DataView(bytes.buffer);
  bytes.set(magic);
  [featureBits, features, classes, groups, samples, chunks.length, tree.depth].forEach((value, i) => {
    view.setUint32(magic.length + 4 * i, value, true);
  });
  chunks.forEach((chunk, i) => {
    const at = headerLength + i * each;
    bytes.set(chunk.features, at);
    bytes.set(chunk.labels, at + samples * features);
    bytes.set(numberToBytes(chunk.salt, { size: 32 }), at + samples * features + samples);
  });
  return bytes;
}

/**
 * Reads an audit set strictly; there is one encoding of each. Leaves, tree and id are computed from what is read. Features and labels are views of `bytes`.
 *
 * @throws DATA_SET_MALFORMED
 */
export function decodeAuditSet(p2: Poseidon2, bytes: Uint8Array): AuditSet {
  const fail = (what: string): never => {
    throw new AssayError('DATA_SET_MALFORMED', `not an audit set: ${what}`, { hint: '`assay audit set` makes one.' });
  };
  if (bytes.length < headerLength || bytes.length > maxBytes) fail(`${bytes.length} bytes`);
  if (magic.some((byte, i) => bytes[i] !== byte)) fail('it does not begin with ASSAYAS1');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = Array.from({ length: 7 }, (_, i) => view.getUint32(magic.length + 4 * i, true));
  const [featureBits, features, classes, groups, samples, count, depth] = header as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const between = (name: string, value: number, low: number, high: number): void => {
    if (value < low || value > high) fail(`${name} is ${value}, allowed are ${low} to ${high}`);
  };
  between('bits of a feature', featureBits, 1, 8);
  between('features', features, 1, 2 ** 20);
  between('classes', classes, 1, 255);
  between('groups', groups, 1, Math.floor(255 / classes));
  between('samples of a chunk', samples, 1, 65_535);
  between('depth', depth, 1, 8);
  between('chunks', count, 1, 2 ** depth);
  const each = samples * features + samples + 32;
  if (bytes.length !== headerLength + count * each) fail(`${bytes.length} bytes, its header says ${headerLength + count * each}`);
  const none = groups * classes;
  const limit = 2 ** featureBits;
  const chunks = Array.from({ length: count }, (_, i) => {
    const at = headerLength + i * each;
    const content = bytes.subarray(at, at + samples * features);
    const labels = bytes.subarray(at + samples * features, at + samples * features + samples);
    const salt = bytesToBigInt(bytes.subarray(at + samples * features + samples, at + each));
    if (salt >= R) fail(`the salt of chunk ${i} is no field element`);
    if (content.some((value) => value >= limit)) fail(`a feature of chunk ${i} has more than ${featureBits} bits`);
    if (labels.some((label) => label > none)) fail(`a label of chunk ${i} is above ${none}`);
    // What only fills stands at the end of the last chunk, and is 0.
    const first = labels.indexOf(none);
    const filled = first >= 0 && (i < count - 1 || first === 0 || labels.subarray(first).some((label) => label !== none));
    if (filled || (first >= 0 && content.subarray(first * features).some((value) => value !== 0))) {
      fail(`chunk ${i} is filled up otherwise than at the end of the set`);
    }
    return { features: content, labels, salt };
  });
  return commitAuditSet(p2, { featureBits, features, classes, groups, samples, chunks }, depth);
}
