import { describe, expect, test } from 'vitest';
import { pack } from '../../src/commitment/packing.ts';
import { integers } from '../utils/random.ts';

/** The definition in bigints: little-endian, at most 252 bits an element. */
function reference(values: readonly number[], widths: readonly number[]): bigint[] {
  const elements: bigint[] = [];
  let used = 252;
  for (const [i, value] of values.entries()) {
    const width = widths[i] as number;
    if (used + width > 252) {
      elements.push(0n);
      used = 0;
    }
    elements[elements.length - 1] = (elements.at(-1) as bigint) + (BigInt(value) << BigInt(used));
    used += width;
  }
  return elements;
}

describe('pack', () => {
  test('equals the definition for every width, at each range end and at random', () => {
    for (let width = 1; width <= 53; width++) {
      const top = 2 ** width - 1;
      const random = integers(`pack ${width}`, 40).map((x) => Number(BigInt.asUintN(width, x)));
      const values = [top, 0, 1, top, ...random, top, top, top, top, top, top];
      expect(pack(values, width)).toEqual(
        reference(
          values,
          values.map(() => width),
        ),
      );
    }
  });

  test('puts floor(252 / bits) values in an element and nothing in none', () => {
    expect(pack(new Uint8Array(63).fill(15), 4)).toEqual([2n ** 252n - 1n]);
    expect(pack(new Uint8Array(64).fill(15), 4)).toEqual([2n ** 252n - 1n, 15n]);
    expect(pack([], 4)).toEqual([]);
  });

  test('refuses values outside their width', () => {
    for (const value of [16, -1, 0.5, Number.NaN]) {
      expect(() => pack([value], 4)).toThrow(expect.objectContaining({ code: 'COMMITMENT_PACK_RANGE' }));
    }
    expect(() => pack([1], 54)).toThrow(expect.objectContaining({ code: 'COMMITMENT_PACK_RANGE' }));
    expect(() => pack([1], 0)).toThrow(expect.objectContaining({ code: 'COMMITMENT_PACK_RANGE' }));
    expect(pack([15], 4)).toEqual([15n]);
  });
});
