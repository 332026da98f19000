import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { hexToBytes } from 'viem';
import { describe, expect, test } from 'vitest';
import { type CsvOptions, decodeCsv } from '../../src/data/decodeCsv.ts';
import { decodeIdx } from '../../src/data/decodeIdx.ts';
import { decodeNpy, encodeNpy } from '../../src/data/npy.ts';
import { codeOf } from '../utils/codeOf.ts';

/** Files that NumPy 2.4.6 wrote with numpy.save. */
const numpy = JSON.parse(readFileSync(new URL('../vectors/npy.json', import.meta.url), 'utf8')) as Record<string, string>;
const saved = (name: string): Uint8Array => hexToBytes(`0x${numpy[name]}`);

describe('IDX', () => {
  const u8 = Uint8Array.of(0, 0, 0x08, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255);

  test('every element type', () => {
    expect(decodeIdx(u8)).toEqual({ dims: [2, 3], values: Uint8Array.of(1, 2, 3, 4, 5, 255) });
    const one = (type: number, ...bytes: number[]): number =>
      decodeIdx(Uint8Array.of(0, 0, type, 1, 0, 0, 0, 1, ...bytes)).values[0] as number;
    expect(one(0x09, 0xff)).toBe(-1);
    expect(one(0x0b, 0xff, 0xfe)).toBe(-2);
    expect(one(0x0c, 0x80, 0, 0, 0)).toBe(-(2 ** 31));
    expect(one(0x0d, 0x3f, 0x80, 0, 0)).toBe(1);
    expect(one(0x0e, 0xbf, 0xf0, 0, 0, 0, 0, 0, 0)).toBe(-1);
  });

  test('every truncation and every wrong header is refused', async () => {
    for (let length = 0; length < u8.length; length++)
      expect(await codeOf(() => decodeIdx(u8.subarray(0, length)))).toBe('DATA_IDX_MALFORMED');
    const edits: [number, number][] = [
      [0, 1],
      [1, 1],
      [2, 0x0a],
      [3, 0],
      [3, 5],
      [7, 3],
      [4, 0xff],
    ];
    for (const [at, value] of edits) {
      const bytes = u8.slice();
      bytes[at] = value;
      expect(await codeOf(() => decodeIdx(bytes))).toBe('DATA_IDX_MALFORMED');
    }
    expect(await codeOf(() => decodeIdx(Uint8Array.of(...u8, 0)))).toBe('DATA_IDX_MALFORMED');
    expect(await codeOf(() => decodeIdx(Uint8Array.of(0x1f, 0x8b, 8, 0)))).toBe('DATA_IDX_MALFORMED');
  });
});

describe('.npy', () => {
  test('reads what NumPy wrote', () => {
    expect(decodeNpy(saved('u1'))).toEqual({ shape: [2, 3], values: Uint8Array.of(1, 2, 3, 250, 255, 0) });
    expect(decodeNpy(saved('i4'))).toEqual({ shape: [3], values: Int32Array.of(-5, 2 ** 31 - 1, -(2 ** 31)) });
    expect(decodeNpy(saved('i8'))).toEqual({ shape: [2, 1], values: BigInt64Array.of(-1n, 2n ** 62n) });
    expect(decodeNpy(saved('f4'))).toEqual({ shape: [1, 2], values: Float64Array.of(0.5, -2.25) });
    expect(decodeNpy(saved('f8'))).toEqual({ shape: [1], values: Float64Array.of(1e-3) });
    expect(decodeNpy(saved('i1')).values).toEqual(Float64Array.of(-3));
    expect(decodeNpy(saved('u2')).values).toEqual(Float64Array.of(65535));
    expect(decodeNpy(saved('i2')).values).toEqual(Float64Array.of(-300));
    expect(decodeNpy(saved('u4')).values).toEqual(Float64Array.of(2 ** 32 - 1));
    expect(decodeNpy(saved('scalar'))).toEqual({ shape: [], values: Int32Array.of(7) });
  });

  test('writes byte for byte what NumPy writes', () => {
    expect(encodeNpy(Uint8Array.of(1, 2, 3, 250, 255, 0), [2, 3])).toEqual(saved('u1'));
    expect(encodeNpy(Int32Array.of(-5, 2 ** 31 - 1, -(2 ** 31)), [3])).toEqual(saved('i4'));
    expect(encodeNpy(BigInt64Array.of(-1n, 2n ** 62n), [2, 1])).toEqual(saved('i8'));
    expect(encodeNpy(Int32Array.of(7), [])).toEqual(saved('scalar'));
  });

  test('round trip', () => {
    fc.assert(
      fc.property(fc.nat(5), fc.nat(5), fc.array(fc.integer(), { minLength: 25, maxLength: 25 }), (a, b, values) => {
        const array = Int32Array.from(values.slice(0, a * b));
        expect(decodeNpy(encodeNpy(array, [a, b]))).toEqual({ shape: [a, b], values: array });
      }),
      { numRuns: 200, seed: 6 },
    );
  });

  test('refuses what it does not read, truncations and other lengths', async () => {
    for (const name of ['fortran', 'bigEndian', 'text']) expect(await codeOf(() => decodeNpy(saved(name)))).toBe('DATA_NPY_MALFORMED');
    const good = saved('u1');
    for (let length = 0; length < good.length; length++)
      expect(await codeOf(() => decodeNpy(good.subarray(0, length)))).toBe('DATA_NPY_MALFORMED');
    expect(await codeOf(() => decodeNpy(Uint8Array.of(...good, 0)))).toBe('DATA_NPY_MALFORMED');
    const version3 = good.slice();
    version3[6] = 3;
    expect(await codeOf(() => decodeNpy(version3))).toBe('DATA_NPY_MALFORMED');
    expect(await codeOf(() => encodeNpy(Uint8Array.of(1, 2), [3]))).toBe('DATA_NPY_MALFORMED');
  });
});

describe('CSV', () => {
  const parse = (text: string, options: CsvOptions) => decodeCsv(new TextEncoder().encode(text), options);
  const named: CsvOptions = { header: true, labelColumn: 'kind', classNames: ['no', 'yes, "sure"'] };

  test('header, quotes, CRLF, class names and a label in the middle', () => {
    expect(parse('a,kind,b\r\n1,no,2.5\r\n-3e2,"yes, ""sure""",.5\r\n', named)).toEqual({
      count: 2,
      width: 2,
      values: Float64Array.of(1, 2.5, -300, 0.5),
      labels: [0, 1],
    });
    expect(parse('1,2,7\n3,4,0', { header: false, labelColumn: 2 })).toEqual({
      count: 2,
      width: 2,
      values: Float64Array.of(1, 2, 3, 4),
      labels: [7, 0],
    });
  });

  test('refuses ragged rows, what is not a number, unknown labels and columns, bad quotes and bad text', async () => {
    const plain: CsvOptions = { header: false, labelColumn: 1 };
    expect(await codeOf(() => parse('1,2\n3,4', plain))).toBe(undefined);
    for (const text of [
      '',
      '\n',
      '1,2\n3',
      '1,2\n3,4,5',
      'x,2',
      ',2',
      ' 1,2',
      '1,2\n\n3,4',
      'NaN,1',
      'Infinity,1',
      '0x10,1',
      '1e999,1',
      '1,-1',
      '1,1.5',
      '1,1000',
      '"1,2',
      '1"2,3',
      '"1"2,3',
      '1,2,',
      '1',
      '1\r2,3',
    ]) {
      expect(await codeOf(() => parse(text, plain)), JSON.stringify(text)).toBe('DATA_CSV_MALFORMED');
    }
    expect(await codeOf(() => parse('a,kind\n1,maybe', named))).toBe('DATA_CSV_MALFORMED');
    expect(await codeOf(() => parse('a,sort\n1,no', named))).toBe('DATA_CSV_MALFORMED');
    expect(await codeOf(() => parse('1,2', { header: false, labelColumn: 2 }))).toBe('DATA_CSV_MALFORMED');
    expect(await codeOf(() => decodeCsv(Uint8Array.of(0x31, 0x2c, 0xff), plain))).toBe('DATA_CSV_MALFORMED');
  });
});
