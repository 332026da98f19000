import { bytesToHex, type Hex, hexToBytes } from 'viem';
import { AssayError } from '../errors.ts';
import { weightLimit } from '../quant/exact.ts';
import { assertArchitecture, assertWeights, layerLength } from './architecture.ts';

/** The open weights of a model at one moment of its training. */
export type Checkpoint = {
  readonly modelId: Hex;
  /** Neurons per layer, inputs first. */
  readonly sizes: readonly number[];
  /** Layer l row-major, (sizes[l] + 1) x sizes[l+1], bias row last. */
  readonly weights: readonly Int32Array[];
};

const magic = new TextEncoder().encode('ASSAYCK1');
const headerLength = magic.length + 32 + 4;

/**
 * A checkpoint as the blob of docs/reference/encodings.md.
 *
 * @throws MODEL_ARCHITECTURE_INVALID, MODEL_WEIGHTS_INVALID, MODEL_ID_INVALID
 */
export function encodeCheckpoint({ modelId, sizes, weights }: Checkpoint): Uint8Array {
  assertWeights(sizes, weights);
  if (!/^0x[0-9a-fA-F]{64}$/.test(modelId)) throw new AssayError('MODEL_ID_INVALID', 'a model id is 32 bytes in hex with 0x in front');
  const total = weights.reduce((sum, layer) => sum + layer.length, 0);
  const bytes = new Uint8Array(headerLength + 4 * sizes.length + 4 * total);
  const view = new DataView(bytes.buffer);
  bytes.set(magic, 0);
  bytes.set(hexToBytes(modelId), magic.length);
  view.setUint32(magic.length + 32, sizes.length - 1, true);
  let at = headerLength;
  for (const size of sizes) {
    view.setUint32(at, size, true);
    at += 4;
  }
  for (const layer of weights) {
    for (let i = 0; i < layer.length; i++) {
      const w = layer[i] as number;
      if (w < -weightLimit) throw new AssayError('MODEL_WEIGHTS_INVALID', 'a weight of -2^31 is outside the range of a checkpoint');
      view.setInt32(at, w, true);
      at += 4;
    }
  }
  return bytes;
}

/**
 * Strict: exact magic, sizes within limits, exact length, |W| <= 2^31 - 1. The caller compares `modelId` with the model it expects.
 *
 * @throws MODEL_CHECKPOINT_MALFORMED
 */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  const fail = (what: string, cause?: unknown): never => {
    throw new AssayError('MODEL_CHECKPOINT_MALFORMED', `not a checkpoint: ${what}`, { cause });
  };
  if (bytes.length < headerLength) fail(`${bytes.length} bytes are too few`);
  if (magic.some((byte, i) => bytes[i] !== byte)) fail('it does not begin with ASSAYCK1');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const modelId = bytesToHex(bytes.subarray(magic.length, magic.length + 32));
  const layerCount = view.getUint32(magic.length + 32, true);
  // Sizes are read only as far as the bytes go: a count from the wire must not decide an allocation.
  if (layerCount > (bytes.length - headerLength) / 4 - 1) fail(`${layerCount} layers do not fit into ${bytes.length} bytes`);
  const sizes = Array.from({ length: layerCount + 1 }, (_, i) => view.getUint32(headerLength + 4 * i, true));
  try {
    assertArchitecture(sizes);
  } catch (error) {
    fail('its architecture is not allowed', error);
  }
  let at = headerLength + 4 * sizes.length;
  const total = sizes.slice(1).reduce((sum, _, l) => sum + layerLength(sizes, l), 0);
  if (bytes.length !== at + 4 * total) fail(`${bytes.length} bytes, the architecture ${sizes.join('-')} needs ${at + 4 * total}`);
  const weights = sizes.slice(1).map((_, l) => {
    const layer = new Int32Array(layerLength(sizes, l));
    for (let i = 0; i < layer.length; i++) {
      const w = view.getInt32(at, true);
      if (w < -weightLimit) fail(`weight ${i} of layer ${l} is -2^31`);
      layer[i] = w;
      at += 4;
    }
    return layer;
  });
  return { modelId, sizes, weights };
}
