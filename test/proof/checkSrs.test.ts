import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readSrs } from '../../src/commitment/srs.ts';
import { checkSrs } from '../../src/proof/checkSrs.ts';
import { testSrs } from '../utils/srs.ts';

const publicDirectory = resolve(import.meta.dirname, '../../../shared/crs');

test('powers of one tau pass; an exchanged point, another tau in G2, another generator do not', async () => {
  const srs = await testSrs(40);
  expect(await checkSrs(srs)).toBe(true);
  for (const [to, from] of [
    [0, 1],
    [7, 8],
    [39, 38],
  ] as const) {
    const g1 = Uint8Array.from(srs.g1);
    g1.set(srs.g1.subarray(64 * from, 64 * from + 64), 64 * to);
    expect([to, await checkSrs({ ...srs, g1 })]).toEqual([to, false]);
  }
  const other = await testSrs(2, 5n);
  expect(await checkSrs({ ...srs, g2Tau: other.g2Tau })).toBe(false);
  const offCurve = Uint8Array.from(srs.g1);
  offCurve[64 * 9 + 31] = (offCurve[64 * 9 + 31] as number) ^ 1;
  expect(await checkSrs({ ...srs, g1: offCurve })).toBe(false);
});

test('the Ignition points pass', async (context) => {
  if (!existsSync(join(publicDirectory, 'bn254_g1.dat'))) return context.skip("no folder ../shared/crs with Aztec's Ignition points");
  expect(await checkSrs(await readSrs(publicDirectory, 32_769))).toBe(true);
});
