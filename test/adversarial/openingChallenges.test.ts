import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkpointId, modelId } from '../../src/commitment/ids.ts';
import { createKzg, type Kzg } from '../../src/commitment/kzg.ts';
import { openingItems } from '../../src/commitment/openingBytes.ts';
import type { Srs } from '../../src/commitment/srs.ts';
import { oneCheckpointFixture } from '../utils/oneCheckpointFixture.ts';
import type { Candidate } from '../utils/openingCandidate.ts';
import { windowFixture } from '../utils/openingFixture.ts';
import { forge, weakVerify } from '../utils/openingForger.ts';
import { type WeakForgery, weakForgeries } from '../utils/openingForgeries.ts';
import { type OpeningHarness, openingHarness } from '../utils/openingHarness.ts';
import { testSrs } from '../utils/srs.ts';

// One mutation for each item that the challenges absorb: a verifier that drops it accepts a forgery, and the real one refuses it.

let srs: Srs;
let kzg: Kzg;
let harness: OpeningHarness;
let forgeries: WeakForgery[];
beforeAll(async () => {
  srs = await testSrs(65);
  kzg = await createKzg(srs);
  harness = await openingHarness();
  forgeries = weakForgeries(kzg, srs);
}, 180_000);
afterAll(() => kzg.close());

describe('an item that a challenge absorbs', () => {
  test('is refused when changed late, and accepted by a verifier that drops it', async () => {
    const dropped = new Set<string>();
    for (const { name, dropZ, dropKappa, make } of forgeries) {
      const forged = await make(true);
      expect.soft(await weakVerify(forged, dropZ, dropKappa), `${name}: the control`).toBe(true);
      expect.soft(await harness.agreed(forged), name).toBe('OPENING_PAIRING');
      // The same trick where the real challenges answer.
      expect.soft(await harness.agreed(await make(false)), name).toBe('OPENING_PAIRING');
      for (const item of dropZ) dropped.add(item);
      for (const item of dropKappa) dropped.add(`kappa ${item}`);
    }
    // Every item had its turn; the pair below covers the model.
    const items = openingItems({ chainId: 1n, verifier: '0x00', circuitId: '0x00', open: true, statement: [] }, anything).map(
      ([item]) => item,
    );
    const words = items.flatMap((item) => {
      if (item === 'statement') return [0, 1, 2, 3, 4, 5, 6, 7].map((i) => `statement.${i}`);
      return item === 'outputs' ? ['b', 'a', 'E'] : [item];
    });
    expect([...dropped].sort()).toEqual([...words, 'kappa z', 'kappa s2', 'kappa pi1', 'kappa pi2', 'kappa pi3'].sort());
  }, 180_000);

  test.each(['inference', 'well-formed'] as const)(
    'of %s is refused when changed late, and accepted by a verifier that drops it',
    async (kind) => {
      const dropped = new Set<string>();
      const mine = weakForgeries(kzg, srs, kind);
      for (const { name, dropZ, dropKappa, make } of mine) {
        const forged = await make(true);
        expect.soft(await weakVerify(forged, dropZ, dropKappa), `${name}: the control`).toBe(true);
        expect.soft(await harness.agreed(forged), name).toBe('OPENING_PAIRING');
        expect.soft(await harness.agreed(await make(false)), name).toBe('OPENING_PAIRING');
        // A point and its id bind each other: dropping one of them lets nothing through.
        if (dropZ.length === 2)
          for (const item of dropZ) expect.soft(await weakVerify(forged, [item]), `${name}, only ${item}`).toBe(false);
        for (const item of dropZ) dropped.add(item);
        for (const item of dropKappa) dropped.add(`kappa ${item}`);
      }
      const { pureClaim: _, ...commitments } = { ...anything, checkpoints: [[]] };
      const words = openingItems({ chainId: 1n, verifier: '0x00', circuitId: '0x00', open: false, statement: [] }, commitments).flatMap(
        ([item]) => {
          // Openness is no item of these: it is 0 in all of them.
          if (item === 'open') return [];
          if (item === 'statement') return Array.from({ length: kind === 'inference' ? 6 : 4 }, (_, i) => `statement.${i}`);
          return item === 'outputs' ? ['b', 'a', 'E'] : [item];
        },
      );
      expect([...dropped].sort()).toEqual([...words, 'kappa z', 'kappa s2', 'kappa pi1', 'kappa pi2'].sort());
      const honest = await oneCheckpointFixture(kzg, srs, kind);
      expect(await harness.agreed(await forge(honest, {}, 0n))).toBe('accepted');
      expect(await harness.agreed(await forge(honest, {}))).toBe('OPENING_PAIRING');
    },
    180_000,
  );

  test('that stands for another is refused while either is absorbed', async () => {
    // A point and its id bind each other; so do the ids of parent and child, which both name the model.
    const doubly = forgeries.filter(({ dropZ }) => dropZ.length === 2);
    expect(doubly.length).toBeGreaterThan(1);
    for (const { name, dropZ, make } of doubly) {
      const forged = await make(true);
      expect(await weakVerify(forged, dropZ), name).toBe(true);
      for (const item of dropZ) expect(await weakVerify(forged, [item]), `${name}, only ${item} dropped`).toBe(false);
    }
    const drop = ['statement.1', 'statement.2'];
    const otherModel = (c: Candidate): Candidate => {
      const shape = { ...c.shape, specId: `0x${'05'.repeat(32)}` as const };
      const model = modelId(shape);
      const fixture = c as Candidate & { parentPoints: []; childPoints: [] };
      return {
        ...c,
        shape,
        statement: c.statement.map((word, i) =>
          i === 1 ? checkpointId(model, fixture.parentPoints) : i === 2 ? checkpointId(model, fixture.childPoints) : word,
        ),
      } as Candidate;
    };
    const forged = otherModel(await forge(await windowFixture(kzg, srs), { dropZ: drop }, 0n));
    expect(await weakVerify(forged, drop)).toBe(true);
    for (const item of drop) expect(await weakVerify(forged, [item])).toBe(false);
    expect(await harness.agreed(forged)).toBe('OPENING_PAIRING');
    expect(await harness.agreed(otherModel(await forge(await windowFixture(kzg, srs), {}, 0n)))).toBe('OPENING_PAIRING');
  }, 180_000);

  test('the forger itself makes honest openings', async () => {
    for (const open of [true, false]) {
      expect(await harness.agreed(await forge(await windowFixture(kzg, srs, { open }), {}, 0n))).toBe('accepted');
    }
    expect(await harness.agreed(await forge(await windowFixture(kzg, srs), {}))).toBe('OPENING_PAIRING');
  });
});

const identity = [0n, 0n] as const;
const anything = {
  outputs: [0n, 0n, 0n] as const,
  checkpoints: [[], []],
  mask: identity,
  positive: identity,
  negative: identity,
  pureClaim: 0n,
};
