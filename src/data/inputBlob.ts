import { R } from '../commitment/field.ts';
import { AssayError, exitCodes } from '../errors.ts';

/** Inputs of one inference proof, with what opens their commitment. */
export type InputBlob = {
  /** fx of the arithmetic spec. */
  readonly featureBits: number;
  /** Features of one input. */
  readonly width: number;
  /** count x width integers in [0, 2^featureBits), input by input. */
  readonly features: Uint8Array;
  /** 0 where the input is public. */
  readonly salt: bigint;
};

const magic = new TextEncoder().encode('ASSAYIN1');
const headBytes = 8 + 12 + 32;
/** As many values as any circuit takes: 1,024 inputs of 65,535 features would be 64 MiB. */
const maxValues = 2 ** 26;

/** Length of the blob of so many features. */
export const inputBlobBytes = (features: number): number => headBytes + features;

/** The bytes of an input blob (docs/reference/encodings.md, "Input blob"). @throws DATA_INPUT_MALFORMED */
export function encodeInputBlob(blob: InputBlob): Uint8Array {
  const { featureBits, width, features, salt } = blob;
  const bytes = new Uint8Array(headBytes + features.length);
  bytes.set(magic);
  const view = new DataView(bytes.buffer);
  [featureBits, width, width > 0 ? features.length / width : 0].forEach((value, i) => {
    view.setUint32(8 + 4 * i, value, true);
  });
  bytes.set(Buffer.from(salt.toString(16).padStart(64, '0'), 'hex'), 20);
  bytes.set(features, headBytes);
  decodeInputBlob(bytes);
  return bytes;
}

/** Reads an input blob; there is one encoding of each. @throws DATA_INPUT_MALFORMED */
export function decodeInputBlob(bytes: Uint8Array): InputBlob {
  const fail = (what: string): never => {
    throw new AssayError('DATA_INPUT_MALFORMED', `not an input blob: ${what}`, { exitCode: exitCodes.usage });
  };
  if (bytes.length < headBytes || magic.some((byte, i) => bytes[i] !== byte)) fail('it does not begin as one');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const featureBits = view.getUint32(8, true);
  const width = view.getUint32(12, true);
  const count = view.getUint32(16, true);
  if (featureBits < 1 || featureBits > 8) fail(`features of ${featureBits} bits`);
  if (width < 1 || count < 1 || width * count > maxValues) fail(`${count} inputs of ${width} features`);
  if (bytes.length !== headBytes + width * count) fail(`${bytes.length} bytes, ${headBytes + width * count} are needed`);
  const salt = BigInt(`0x${Buffer.from(bytes.subarray(20, headBytes)).toString('hex')}`);
  if (salt >= R) fail('its salt is no canonical field element');
  const features = bytes.slice(headBytes);
  if (features.some((value) => value >= 2 ** featureBits)) fail(`a feature has more than ${featureBits} bits`);
  return { featureBits, width, features, salt };
}
