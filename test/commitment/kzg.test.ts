import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blockCount, blocksOf } from '../../src/commitment/blocks.ts';
import { mod, pow, R } from '../../src/commitment/field.ts';
import { createKzg, type Kzg, type Point, type Weights } from '../../src/commitment/kzg.ts';
import { someWeights, zeroWeights } from '../utils/openingFixture.ts';
import { fieldElements } from '../utils/random.ts';
import { testSrs, testTau, timesGenerator } from '../utils/srs.ts';

let kzg: Kzg;
beforeAll(async () => {
  kzg = await createKzg(await testSrs(65));
});
afterAll(() => kzg.close());

/** Commitments by the definition, with the SRS's secret. */
async function byDefinition(sizes: readonly number[], blockLog: number, weights: Weights, sigmas: readonly bigint[]) {
  const points: Point[] = [];
  let block = 0;
  for (const [l, columns] of sizes.slice(1).entries()) {
    const perBlock = Math.floor(2 ** blockLog / columns);
    const rows = (sizes[l] as number) + 1;
    for (let first = 0; first < rows; first += perBlock) {
      let value = (sigmas[block++] ?? 0n) * pow(testTau, 2n ** BigInt(blockLog));
      for (let i = first; i < Math.min(first + perBlock, rows); i++) {
        for (let j = 0; j < columns; j++) {
          const weight = BigInt((weights[l] as Int32Array)[i * columns + j] as number);
          value += weight * pow(testTau, BigInt((i - first) * columns + j));
        }
      }
      points.push(await timesGenerator(mod(value)));
    }
  }
  return points;
}

describe('blocks', () => {
  test('cut each layer into whole rows; only the last block of a layer holds the bias row', () => {
    expect(blocksOf([784, 128, 10], 15).map(({ layer, firstRow, rows, inputRows }) => [layer, firstRow, rows, inputRows])).toEqual([
      [0, 0, 256, 256],
      [0, 256, 256, 256],
      [0, 512, 256, 256],
      [0, 768, 17, 16],
      [1, 0, 129, 128],
    ]);
    // A last block that is the bias row alone.
    expect(blocksOf([4, 4], 4).map(({ rows, inputRows }) => [rows, inputRows])).toEqual([
      [4, 4],
      [1, 0],
    ]);
  });

  test('refuse sizes outside the limits', () => {
    const refused: [number[], number][] = [
      [[4], 4],
      [[], 4],
      [[0, 4], 4],
      [[4, 17], 4],
      [[4, 4], 29],
      [[4, 4], -1],
      [[2 ** 16, 4], 4],
      [[1.5, 4], 4],
      [Array.from({ length: 18 }, () => 1), 4],
    ];
    for (const [sizes, blockLog] of refused) {
      expect(() => blocksOf(sizes, blockLog)).toThrow(expect.objectContaining({ code: 'COMMITMENT_SIZES' }));
    }
    expect(blocksOf([4, 16], 4)).toHaveLength(5);
    expect(blocksOf([2 ** 16 - 1, 1], 16)).toHaveLength(1);
    expect(blocksOf([63, 2], 1)).toHaveLength(64);
    expect(() => blocksOf([64, 2], 1)).toThrow(expect.objectContaining({ code: 'COMMITMENT_SIZES' }));
    expect(
      blocksOf(
        Array.from({ length: 17 }, () => 1),
        4,
      ),
    ).toHaveLength(16);
  });
});

describe('checkpoint', () => {
  const sizes = [9, 5, 3];

  test('is committed as the definition says, blinded and pure', async () => {
    const weights = someWeights('kzg', sizes);
    const sigmas = fieldElements('sigmas', blocksOf(sizes, 4).length);
    expect(await kzg.commitCheckpoint(sizes, 4, weights)).toEqual(await byDefinition(sizes, 4, weights, []));
    expect(await kzg.commitCheckpoint(sizes, 4, weights, sigmas)).toEqual(await byDefinition(sizes, 4, weights, sigmas));
    const two = sigmas.slice(0, 2);
    expect(await kzg.commitCheckpoint(sizes, 6, weights, two)).toEqual(await byDefinition(sizes, 6, weights, two));
  });

  test('is right at the ends of every scalar width', async () => {
    for (const value of [1, -1, 127, -128, 128, -129, 32767, -32768, 32768, -32769, 2 ** 23 - 1, -(2 ** 23), 2 ** 31 - 1, -(2 ** 31)]) {
      const weights = zeroWeights(sizes);
      (weights[0] as Int32Array).fill(value, 3, 20);
      (weights[1] as Int32Array)[17] = value;
      expect(await kzg.commitCheckpoint(sizes, 4, weights)).toEqual(await byDefinition(sizes, 4, weights, []));
    }
  });

  test('of zeros is the identity', async () => {
    const points = await kzg.commitCheckpoint(sizes, 4, zeroWeights(sizes));
    expect(points).toEqual(Array.from({ length: blockCount(sizes, 4) }, () => [0n, 0n]));
  });

  test('is refused in another shape, with wrong sigmas or beyond the SRS', async () => {
    const weights = someWeights('kzg', sizes);
    await expect(kzg.commitCheckpoint([9, 5], 4, weights)).rejects.toMatchObject({ code: 'COMMITMENT_WEIGHTS_SHAPE' });
    await expect(kzg.commitCheckpoint(sizes, 4, weights, [1n])).rejects.toMatchObject({ code: 'COMMITMENT_FIELD_RANGE' });
    const sigmas = fieldElements('sigmas', blocksOf(sizes, 7).length);
    await expect(kzg.commitCheckpoint(sizes, 7, weights, sigmas)).rejects.toMatchObject({ code: 'SRS_TOO_SMALL' });
    await expect(kzg.commitCheckpoint(sizes, 7, weights)).resolves.toHaveLength(2);
  });
});

describe('mask', () => {
  test('is the commitment of its 16 coefficients', async () => {
    const coefficients = [R - 1n, 0n, ...fieldElements('mask', 14)];
    const value = coefficients.reduce((sum, r, k) => sum + r * pow(testTau, BigInt(k)), 0n);
    expect(await kzg.commitMask(coefficients)).toEqual(await timesGenerator(mod(value)));
  });

  test('needs 16 canonical coefficients', async () => {
    await expect(kzg.commitMask(fieldElements('mask', 15))).rejects.toMatchObject({ code: 'COMMITMENT_MASK_LENGTH' });
    await expect(kzg.commitMask([R, ...fieldElements('mask', 15)])).rejects.toMatchObject({ code: 'COMMITMENT_FIELD_RANGE' });
  });
});
