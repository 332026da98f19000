import { AssayError } from '../errors.ts';

/** An array as a NumPy .npy file holds it, in C order. */
export type NpyArray = { readonly shape: readonly number[]; readonly values: Uint8Array | Int32Array | BigInt64Array | Float64Array };

type Kind = { readonly bytes: number; readonly read: (view: DataView, at: number) => number };

/** Types that become float64, because each of their values is a float64. */
const numberKinds: Record<string, Kind> = {
  '|i1': { bytes: 1, read: (view, at) => view.getInt8(at) },
  '<i2': { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  '<u2': { bytes: 2, read: (view, at) => view.getUint16(at, true) },
  '<u4': { bytes: 4, read: (view, at) => view.getUint32(at, true) },
  '<f4': { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  '<f8': { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
};

const magic = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59);
const header = /^\{'descr': '([^']{3})', 'fortran_order': (True|False), 'shape': \(((?:\d{1,10}(?:, \d{1,10})*)?,?)\), \} *\n$/;

/**
 * Strict reader of .npy, versions 1.0 and 2.0, C order, little-endian. `|u1`, `<i4` and `<i8` keep their type; smaller integers, `<u4`, `<f4` and `<f8`
 * become float64.
 *
 * @throws DATA_NPY_MALFORMED
 */
export function decodeNpy(bytes: Uint8Array): NpyArray {
  const fail = (what: string, hint?: string): never => {
    throw new AssayError('DATA_NPY_MALFORMED', `not a .npy file that Assay reads: ${what}`, hint === undefined ? {} : { hint });
  };
  if (bytes.length < 12 || magic.some((byte, i) => bytes[i] !== byte)) fail('it does not begin as one');
  const version = `${bytes[6]}.${bytes[7]}`;
  if (version !== '1.0' && version !== '2.0') fail(`version ${version}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const textStart = version === '1.0' ? 10 : 12;
  const textLength = version === '1.0' ? view.getUint16(8, true) : view.getUint32(8, true);
  const start = textStart + textLength;
  if (start > bytes.length || textLength > 4096) fail('its header is cut off or too long');
  const match = header.exec(new TextDecoder('latin1').decode(bytes.subarray(textStart, start)));
  if (match === null) return fail('its header is not understood', 'Write it with numpy.save.');
  const [, descr, fortran, shapeText] = match as unknown as [string, string, string, string];
  if (fortran === 'True') fail('it is in Fortran order', 'Write it with numpy.save(path, numpy.ascontiguousarray(array)).');
  const shape = shapeText
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map(Number);
  if (shape.length > 4) fail(`${shape.length} dimensions, allowed are at most 4`);
  const count = shape.reduce((product, dim) => product * dim, 1);
  const assertLength = (elementBytes: number): void => {
    if (bytes.length !== start + count * elementBytes)
      fail(`${bytes.length} bytes, (${shape.join(', ')}) of ${descr} needs ${start + count * elementBytes}`);
  };
  if (descr === '|u1') {
    assertLength(1);
    return { shape, values: bytes.slice(start) };
  }
  if (descr === '<i4') {
    assertLength(4);
    return { shape, values: Int32Array.from({ length: count }, (_, i) => view.getInt32(start + 4 * i, true)) };
  }
  if (descr === '<i8') {
    assertLength(8);
    return { shape, values: BigInt64Array.from({ length: count }, (_, i) => view.getBigInt64(start + 8 * i, true)) };
  }
  const kind = numberKinds[descr];
  if (kind === undefined) return fail(`elements of type ${descr}`, 'Convert the array to uint8, int32, int64, float32 or float64 first.');
  assertLength(kind.bytes);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = kind.read(view, start + i * kind.bytes);
  return { shape, values };
}

/**
 * An integer array as .npy version 1.0, readable by `numpy.load`: uint8 as `|u1`, int32 as `<i4`, int64 as `<i8`.
 *
 * @param shape its product is the array's length
 * @throws DATA_NPY_MALFORMED
 */
export function encodeNpy(values: Uint8Array | Int32Array | BigInt64Array, shape: readonly number[]): Uint8Array {
  const descr = values instanceof Uint8Array ? '|u1' : values instanceof Int32Array ? '<i4' : '<i8';
  if (shape.reduce((product, dim) => product * dim, 1) !== values.length) {
    throw new AssayError('DATA_NPY_MALFORMED', `${values.length} values do not fill the shape (${shape.join(', ')})`);
  }
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`;
  // NumPy aligns the data to 64 bytes; the header ends with a newline.
  const padded = `${text.padEnd(Math.ceil((10 + text.length + 1) / 64) * 64 - 11)}\n`;
  const bytes = new Uint8Array(10 + padded.length + values.byteLength);
  bytes.set(magic);
  bytes.set([1, 0], 6);
  const view = new DataView(bytes.buffer);
  view.setUint16(8, padded.length, true);
  bytes.set(new TextEncoder().encode(padded), 10);
  const start = 10 + padded.length;
  if (values instanceof BigInt64Array) for (const [i, value] of values.entries()) view.setBigInt64(start + 8 * i, value, true);
  else if (values instanceof Int32Array) for (const [i, value] of values.entries()) view.setInt32(start + 4 * i, value, true);
  else bytes.set(values, start);
  return bytes;
}
