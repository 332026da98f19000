import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKzg, type Kzg } from '../../src/commitment/kzg.ts';
import { openWindow } from '../../src/commitment/opening.ts';
import type { Srs } from '../../src/commitment/srs.ts';
import { type FixtureOptions, windowFixture } from '../utils/openingFixture.ts';
import { type OpeningHarness, openingHarness } from '../utils/openingHarness.ts';
import { testSrs } from '../utils/srs.ts';

let srs: Srs;
let kzg: Kzg;
let harness: OpeningHarness;
beforeAll(async () => {
  srs = await testSrs(65);
  kzg = await createKzg(srs);
  harness = await openingHarness();
}, 60_000);
afterAll(() => kzg.close());

const cases: [string, FixtureOptions][] = [
  ['several blocks', {}],
  ['one block a layer', { blockLog: 6 }],
  ['a last block that is the bias row alone', { sizes: [4, 4, 4], blockLog: 4 }],
  ['blocks of one row', { sizes: [3, 4, 4], blockLog: 2 }],
  ['one layer', { sizes: [7, 3] }],
  ['four layers', { sizes: [5, 4, 3, 2, 4] }],
  ['one neuron each', { sizes: [1, 1, 1], blockLog: 1 }],
];

describe('the contract and TypeScript agree', () => {
  test.each(cases)('on honest openings: %s', async (label, options) => {
    for (const open of [true, false]) {
      const fixture = await windowFixture(kzg, srs, { ...options, open, label });
      const opening = await openWindow(kzg, fixture);
      expect(await harness.agreed({ ...fixture, opening })).toBe('accepted');
      const flipped = opening.slice();
      flipped[flipped.length - 1] = (flipped.at(-1) as number) ^ 1;
      expect(await harness.agreed({ ...fixture, opening: flipped })).toBe('OPENING_POINT_INVALID');
    }
  });
});
