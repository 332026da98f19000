import { bytesToBigInt, numberToBytes } from 'viem';
import { AssayError } from '../errors.ts';
import { assertMinibatchSet, type MinibatchSet } from './minibatchSet.ts';

const magic = new TextEncoder().encode('ASSAYDS2');
const headerLength = magic.length + 24;

/**
 * A minibatch set as the blob of docs/reference/encodings.md.
 *
 * @throws DATA_SET_INVALID, DATA_INVALID
 */
export function encodeDatasetBlob(set: MinibatchSet): Uint8Array {
  assertMinibatchSet(set);
  const { featureBits, features, classes, batch, depth, minibatches, leaves } = set;
  const each = batch * features + batch + 32;
  const bytes = new Uint8Array(headerLength + minibatches.length * (each + 32));
  const view = new DataView(bytes.buffer);
  bytes.set(magic);
  [featureBits, features, classes, batch, minibatches.length, depth].forEach((value, i) => {
    view.setUint32(magic.length + 4 * i, value, true);
  });
  minibatches.forEach((minibatch, i) => {
    const at = headerLength + i * each;
    bytes.set(minibatch.features, at);
    bytes.set(minibatch.labels, at + batch * features);
    bytes.set(numberToBytes(minibatch.salt, { size: 32 }), at + batch * features + batch);
  });
  leaves.forEach((leaf, i) => {
    bytes.set(numberToBytes(leaf, { size: 32 }), headerLength + minibatches.length * each + 32 * i);
  });
  return bytes;
}

/**
 * Strict: magic, exact length, every value in its range. Features and labels are views of `bytes`.
 * Leaves are taken as they stand: compare `datasetTree(...).root` with the root you expect, and use minibatches through `minibatchAt`.
 *
 * @throws DATA_BLOB_MALFORMED
 */
export function decodeDatasetBlob(bytes: Uint8Array): MinibatchSet {
  const fail = (what: string, cause?: unknown): never => {
    throw new AssayError('DATA_BLOB_MALFORMED', `not a dataset blob: ${what}`, { cause, hint: '`assay dataset import` writes them.' });
  };
  if (bytes.length < headerLength) fail(`${bytes.length} bytes are too few`);
  if (magic.some((byte, i) => bytes[i] !== byte)) fail('it does not begin with ASSAYDS2');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [featureBits, features, classes, batch, count, depth] = Array.from({ length: 6 }, (_, i) =>
    view.getUint32(magic.length + 4 * i, true),
  ) as [number, number, number, number, number, number];
  const each = batch * features + batch + 32;
  if (bytes.length !== headerLength + count * (each + 32))
    fail(`${bytes.length} bytes, its header says ${headerLength + count * (each + 32)}`);
  const word = (at: number): bigint => bytesToBigInt(bytes.subarray(at, at + 32));
  const minibatches = Array.from({ length: count }, (_, i) => {
    const at = headerLength + i * each;
    return {
      features: bytes.subarray(at, at + batch * features),
      labels: bytes.subarray(at + batch * features, at + batch * features + batch),
      salt: word(at + batch * features + batch),
    };
  });
  const leaves = Array.from({ length: count }, (_, i) => word(headerLength + count * each + 32 * i));
  const set = { featureBits, features, classes, batch, depth, minibatches, leaves };
  try {
    assertMinibatchSet(set);
  } catch (error) {
    fail(error instanceof Error ? error.message : 'a value is out of range', error);
  }
  return set;
}
