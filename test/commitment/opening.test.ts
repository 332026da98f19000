import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKzg, type Kzg } from '../../src/commitment/kzg.ts';
import { openWindow } from '../../src/commitment/opening.ts';
import { decodeOpening, encodeOpening } from '../../src/commitment/openingBytes.ts';
import type { Srs } from '../../src/commitment/srs.ts';
import { verifyOpening } from '../../src/commitment/verifyOpening.ts';
import { type FixtureOptions, windowFixture, zeroWeights } from '../utils/openingFixture.ts';
import { testSrs } from '../utils/srs.ts';

let srs: Srs;
let kzg: Kzg;
beforeAll(async () => {
  srs = await testSrs(65);
  kzg = await createKzg(srs);
});
afterAll(() => kzg.close());

const cases: [string, FixtureOptions][] = [
  ['several blocks', {}],
  ['one block a layer', { blockLog: 6 }],
  ['a last block that is the bias row alone', { sizes: [4, 4, 4], blockLog: 4 }],
  ['blocks of one row', { sizes: [3, 4, 4], blockLog: 2 }],
  ['one layer', { sizes: [7, 3] }],
  ['four layers', { sizes: [5, 4, 3, 2, 4] }],
  ['one neuron each', { sizes: [1, 1, 1], blockLog: 1 }],
  ['blocks smaller than the mask', { sizes: [3, 2, 2], blockLog: 3 }],
];

describe('an honest opening', () => {
  test.each(cases)('is accepted: %s', async (label, options) => {
    for (const open of [true, false]) {
      const fixture = await windowFixture(kzg, srs, { ...options, open, label });
      const opening = await openWindow(kzg, fixture);
      expect(await verifyOpening({ ...fixture, opening })).toEqual({ valid: true });
    }
  });

  test('of zero weights is accepted', async () => {
    const sizes = [6, 5, 3];
    for (const open of [true, false]) {
      const fixture = await windowFixture(kzg, srs, { sizes, open, parent: zeroWeights(sizes), child: zeroWeights(sizes) });
      expect(await verifyOpening({ ...fixture, opening: await openWindow(kzg, fixture) })).toEqual({ valid: true });
    }
  });

  test('has one encoding', async () => {
    const fixture = await windowFixture(kzg, srs);
    const bytes = await openWindow(kzg, fixture);
    const decoded = decodeOpening('train-window', bytes, fixture.parentPoints.length);
    if (typeof decoded === 'string') throw new Error(decoded);
    expect(encodeOpening(decoded)).toEqual(bytes);
    expect(decoded.checkpoints[0]).toEqual(fixture.parentPoints);
  });

  test('comes out the same when two are made at once', async () => {
    const [one, other] = await Promise.all([windowFixture(kzg, srs), windowFixture(kzg, srs, { label: 'other', open: false })]);
    const together = await Promise.all([openWindow(kzg, one), openWindow(kzg, other)]);
    expect(together).toEqual([await openWindow(kzg, one), await openWindow(kzg, other)]);
  });
});

describe('the prover refuses', () => {
  test('a claim that is not that of the weights', async () => {
    const fixture = await windowFixture(kzg, srs);
    const [b, a, claim] = fixture.outputs;
    await expect(openWindow(kzg, { ...fixture, outputs: [b, a, claim + 1n] })).rejects.toMatchObject({ code: 'OPENING_CLAIM_MISMATCH' });
    // And it is usable afterwards.
    expect(await verifyOpening({ ...fixture, opening: await openWindow(kzg, fixture) })).toEqual({ valid: true });
  });

  test('sigmas on open weights, and statements and masks of another form', async () => {
    const fixture = await windowFixture(kzg, srs);
    const sigmas = fixture.parentPoints.map(() => 1n);
    await expect(openWindow(kzg, { ...fixture, childSigmas: sigmas })).rejects.toMatchObject({ code: 'OPENING_SIGMAS_OPEN' });
    await expect(openWindow(kzg, { ...fixture, statement: [1n] })).rejects.toMatchObject({ code: 'OPENING_STATEMENT_RANGE' });
    await expect(openWindow(kzg, { ...fixture, mask: [1n] })).rejects.toMatchObject({ code: 'COMMITMENT_MASK_LENGTH' });
  });
});
