import { describe, expect, test } from 'vitest';
import { mergeContributions } from '../../src/train/mergeContributions.ts';

describe('mergeContributions', () => {
  const base = [Int32Array.of(10, -20, 30), Int32Array.of(5)];

  test('adds up what each contribution changed', () => {
    const children = [
      [Int32Array.of(11, -20, 25), Int32Array.of(5)],
      [Int32Array.of(10, -27, 26), Int32Array.of(-5)],
    ];
    expect(mergeContributions(base, children)).toEqual([Int32Array.of(11, -27, 21), Int32Array.of(-5)]);
  });

  test('one contribution is its own merge', () => {
    const child = [Int32Array.of(1, 2, 3), Int32Array.of(4)];
    expect(mergeContributions(base, [child])).toEqual(child);
  });

  test('refuses another shape, and a sum beyond int32', () => {
    expect(() => mergeContributions(base, [[Int32Array.of(1, 2, 3)]])).toThrow(expect.objectContaining({ code: 'TRAIN_MERGE_SHAPE' }));
    expect(() => mergeContributions(base, [[Int32Array.of(1, 2), Int32Array.of(4)]])).toThrow(
      expect.objectContaining({ code: 'TRAIN_MERGE_SHAPE' }),
    );
    const large = [Int32Array.of(2 ** 31 - 1, 0, 0), Int32Array.of(0)];
    expect(() => mergeContributions(base, [large, large])).toThrow(expect.objectContaining({ code: 'TRAIN_MERGE_OVERFLOW' }));
  });
});
