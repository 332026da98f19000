import { AssayError } from '../errors.ts';

/** A tensor as an IDX file holds it. */
export type IdxTensor = { readonly dims: readonly number[]; readonly values: Uint8Array | Float64Array };

const readers: Record<number, readonly [bytes: number, read: (view: DataView, at: number) => number]> = {
  8: [1, (view, at) => view.getUint8(at)],
  9: [1, (view, at) => view.getInt8(at)],
  11: [2, (view, at) => view.getInt16(at)],
  12: [4, (view, at) => view.getInt32(at)],
  13: [4, (view, at) => view.getFloat32(at)],
  14: [8, (view, at) => view.getFloat64(at)],
};

/**
 * Strict reader of IDX (the format of the MNIST files): known element type, 1 to 4 dimensions, exact length.
 *
 * @returns bytes stay a view of `bytes`; every other type becomes float64
 * @throws DATA_IDX_MALFORMED
 */
export function decodeIdx(bytes: Uint8Array): IdxTensor {
  const fail = (what: string, hint?: string): never => {
    throw new AssayError('DATA_IDX_MALFORMED', `not an IDX file: ${what}`, hint === undefined ? {} : { hint });
  };
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) fail('it is compressed with gzip', 'Unpack it first: gunzip -k FILE.');
  if (bytes.length < 4) fail(`${bytes.length} bytes are too few`);
  const type = bytes[2] as number;
  const rank = bytes[3] as number;
  const reader = readers[type];
  if (bytes[0] !== 0 || bytes[1] !== 0 || reader === undefined) return fail('it does not begin with 0, 0 and a known element type');
  if (rank < 1 || rank > 4) fail(`${rank} dimensions, allowed are 1 to 4`);
  if (bytes.length < 4 + 4 * rank) fail('its dimensions are cut off');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const dims = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const count = dims.reduce((product, dim) => product * dim, 1);
  const start = 4 + 4 * rank;
  const [size, read] = reader;
  if (bytes.length !== start + count * size) fail(`${bytes.length} bytes, a ${dims.join(' x ')} tensor needs ${start + count * size}`);
  if (type === 0x08) return { dims, values: bytes.subarray(start) };
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = read(view, start + i * size);
  return { dims, values };
}
