import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { R } from '../../src/commitment/field.ts';
import { loadPoseidon2 } from '../../src/commitment/poseidon2.ts';
import { createUltraHonk, type UltraHonk } from '../../src/proof/ultrahonk.ts';
import { wellFormedLayout } from '../../src/proof/wellFormed/circuit.ts';
import { type Bench, expectAccepted, expectForgery } from '../utils/forgedProof.ts';
import { testWellFormed, wellFormedArtifactsOf, wellFormedCase } from '../utils/wellFormedFixture.ts';
import { type ForgedWeights, type ForgeWeightsParameters, forgeWeights } from '../utils/wellFormedForgery.ts';
import { readAcir } from '../utils/windowAcir.ts';
import { circuitSources } from '../utils/windowMutant.ts';
import { honkVerdict } from '../utils/windowVerdict.ts';

// Segments with weights beyond wmax, transcript and claim redone: the opening would take them, for they are what was committed.

const instance = testWellFormed([4, 3, 2], { blocksPerProof: 2 });
const { bits } = wellFormedLayout(instance);
const wmax = BigInt(instance.spec.wmax);
const p2 = await loadPoseidon2();
const given = await wellFormedCase(instance, 'forged well-formed');
type Change = NonNullable<ForgeWeightsParameters['weights']>;
const forge = (weights: Change): ForgedWeights => forgeWeights({ given, weights });
const at = (t: number, i: number, w: bigint) => (honest: readonly bigint[][]) =>
  honest.map((slot, k) => (k === t ? slot.with(i, w) : slot));

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
  await expectAccepted(bench, forge(at(0, 3, w)));
});

const width = 1n << BigInt(bits);
describe.each<[string, Change]>([
  ['wmax + 1', at(0, 3, wmax + 1n)],
  ['-wmax - 1', at(0, 3, -wmax - 1n)],
  ['wmax + 1 in the second slot', at(1, 7, wmax + 1n)],
  ['as much as its packing holds', at(0, 3, width - 1n - wmax)],
  ['one half, as the field has it', at(1, 0, (R + 1n) / 2n)],
  // Packed, these are what two weights within the range are: the range alone tells them apart.
  [
    '2^bits more, and its neighbour one less',
    (honest) => at(0, 3, (honest[0]?.[3] as bigint) + width)(at(0, 4, (honest[0]?.[4] as bigint) - 1n)(honest)),
  ],
])('a weight of %s', (name, change) => {
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
