import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadPoseidon2 } from '../../src/commitment/poseidon2.ts';
import { createUltraHonk, type UltraHonk } from '../../src/proof/ultrahonk.ts';
import { wellFormedLayout } from '../../src/proof/wellFormed/circuit.ts';
import { type Bench, expectAccepted, expectForgery } from '../utils/forgedProof.ts';
import { weightsCase as given, weightsInstance as instance, weightAt, weightForgeries } from '../utils/weightForgeries.ts';
import { wellFormedArtifactsOf } from '../utils/wellFormedFixture.ts';
import { type ForgedWeights, type ForgeWeightsParameters, forgeWeights } from '../utils/wellFormedForgery.ts';
import { readAcir } from '../utils/windowAcir.ts';
import { circuitSources } from '../utils/windowMutant.ts';
import { honkVerdict } from '../utils/windowVerdict.ts';

// Segments with weights beyond wmax, transcript and claim redone: the opening would take them, for they are what was committed.

const { bits } = wellFormedLayout(instance);
const wmax = BigInt(instance.spec.wmax);
const p2 = await loadPoseidon2();
type Change = NonNullable<ForgeWeightsParameters['weights']>;
const forge = (weights: Change): ForgedWeights => forgeWeights({ given, weights });

let honk: UltraHonk;
let bench: Bench;

beforeAll(async () => {
  const artifacts = await wellFormedArtifactsOf(instance);
  honk = await createUltraHonk({ srs: artifacts.srs });
  bench = { honk, artifacts, acir: readAcir(artifacts.program), verdict: await honkVerdict(artifacts.honkVerifier.runtime), p2 };
});

afterAll(async () => {
  await honk.close();
});

test.each<[string, bigint]>([
  ['wmax', wmax],
  ['-wmax', -wmax],
  ['0', 0n],
])('a weight of %s is accepted', async (_name, w) => {
  await expectAccepted(bench, forge(weightAt(0, 3, w)));
});

describe.each(weightForgeries)('a weight of %s', (name, change) => {
  test('is refused by its range; without it, it passes', async () => {
    await expectForgery(bench, forge(change), [`range ${bits}`], name === 'wmax + 1');
  });
});

// wmax + 1 breaks the range of wmax - w, -wmax - 1 that of w + wmax.
test('no constraint of the sources is left out', () => {
  const lines = (circuitSources(instance)['well_formed.nr'] as string)
    .split('\n')
    .filter((line) => /assert_max_bit_size|\bassert\(/.test(line));
  expect(lines.map((line) => line.trim())).toEqual([
    'values[i].assert_max_bit_size::<BITS>();',
    '(TOP as Field - values[i]).assert_max_bit_size::<BITS>();',
  ]);
});
