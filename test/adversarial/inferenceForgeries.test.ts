import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadPoseidon2 } from '../../src/commitment/poseidon2.ts';
import { createUltraHonk, type UltraHonk } from '../../src/proof/ultrahonk.ts';
import { answerForgeries, answerInstances, classCases, logitsCase } from '../utils/answerForgeries.ts';
import { type Bench, expectAccepted, expectForgery } from '../utils/forgedProof.ts';
import { inferenceArtifactsOf } from '../utils/inferenceFixture.ts';
import { type ForgeAnswerParameters, forgeAnswer } from '../utils/inferenceForgery.ts';
import { readAcir } from '../utils/windowAcir.ts';
import { circuitSources } from '../utils/windowMutant.ts';
import { honkVerdict } from '../utils/windowVerdict.ts';

// Forged answers whose transcript is redone: everything but the lie itself agrees with it. Of every constraint in the circuit's sources there is one.

const p2 = await loadPoseidon2();

let honk: UltraHonk;
const benches: Record<string, Bench> = {};

beforeAll(async () => {
  for (const instance of Object.values(answerInstances)) {
    const artifacts = await inferenceArtifactsOf(instance);
    honk ??= await createUltraHonk({ srs: artifacts.srs });
    const verdict = await honkVerdict(artifacts.honkVerifier.runtime);
    benches[instance.output] = { honk, artifacts, acir: readAcir(artifacts.program), verdict, p2 };
  }
});

afterAll(async () => {
  await honk.close();
});

const benchOf = (parameters: ForgeAnswerParameters): Bench => benches[parameters.given.instance.output] as Bench;

test.each([...Object.entries(classCases), ['logits', logitsCase] as const])(
  'the forger that does not lie is accepted: %s',
  async (_label, honest) => {
    const forged = forgeAnswer({ given: honest });
    expect(forged.changes).toBe(0);
    expect(forged.opened).toBe(forged.outputs[2]);
    await expectAccepted(benchOf({ given: honest }), forged);
  },
);

// The solver checks every constraint that is left. One is proved without its constraint, all with ASSAY_FORGERIES=all.
const proofs = process.env['ASSAY_FORGERIES'] === 'all' ? answerForgeries.length : 1;

describe.each(answerForgeries)('%s', (name, breaks, _line, forge) => {
  test('is refused by exactly its constraints; without them it passes', async () => {
    const parameters = forge();
    const forged = forgeAnswer(parameters);
    expect(forged.changes).toBeGreaterThan(0);
    await expectForgery(benchOf(parameters), forged, breaks, answerForgeries.findIndex(([other]) => other === name) < proofs);
  });
});

test('what is packed is the same: only the range of each value tells them apart', () => {
  const find = (start: string): ForgeAnswerParameters =>
    (answerForgeries.find(([name]) => name.startsWith(start)) as (typeof answerForgeries)[number])[3]();
  expect(forgeAnswer(find('pixel 16')).inputId).toBe(forgeAnswer({ given: classCases.plain }).inputId);
  expect(forgeAnswer(find('logits + 2^zBits')).words).toEqual(forgeAnswer({ given: logitsCase }).words);
});

test('no constraint of the sources is left out', () => {
  const sources = circuitSources(answerInstances.class);
  const lines = [sources['inference.nr'], sources['main.nr']]
    .flatMap((text) => (text as string).split('\n'))
    .map((line) => line.trim())
    .filter((line) => /\bassert\(|assert_max_bit_size/.test(line) && !line.startsWith('//'));
  expect(lines.filter((line) => !answerForgeries.some(([, , said]) => line.includes(said)))).toEqual([]);
  expect(answerForgeries.filter(([, , said]) => !lines.some((line) => line.includes(said)))).toEqual([]);
});
