import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blocksOf } from '../../src/commitment/blocks.ts';
import { mod, pow } from '../../src/commitment/field.ts';
import { lockedHash } from '../../src/proof/artifactLock.ts';
import { getCircuit, type WellFormedInstance } from '../../src/proof/circuitInstance.ts';
import { solveWitness } from '../../src/proof/solveWitness.ts';
import { createUltraHonk, type UltraHonk } from '../../src/proof/ultrahonk.ts';
import type { WellFormedArtifacts } from '../../src/proof/wellFormed/artifacts.ts';
import { wellFormedLayout } from '../../src/proof/wellFormed/circuit.ts';
import { buildWellFormedWitness } from '../../src/proof/wellFormed/witness.ts';
import { maskClaim } from '../../src/proof/windowWitness.ts';
import { codeOf } from '../utils/codeOf.ts';
import { testWellFormed, wellFormedArtifactsOf, wellFormedCase } from '../utils/wellFormedFixture.ts';
import { honkVerdict } from '../utils/windowVerdict.ts';

const instances: Record<string, WellFormedInstance> = {
  'two blocks a proof': (await getCircuit('well-formed-16-8-4')) as WellFormedInstance,
  // Blocks of 6, 6, 6, 3 and 8 weights: shorter ones at either slot, and an empty slot in the last segment.
  'a last segment that is not full': testWellFormed([6, 3, 2], { blockLog: 3, blocksPerProof: 2 }),
};

let honk: UltraHonk;
const artifacts = new Map<string, WellFormedArtifacts>();

beforeAll(async () => {
  for (const [name, instance] of Object.entries(instances)) artifacts.set(name, await wellFormedArtifactsOf(instance));
  const largest = [...artifacts.values()].sort((x, y) => y.srs.count - x.srs.count)[0] as WellFormedArtifacts;
  honk = await createUltraHonk({ srs: largest.srs });
});

afterAll(async () => {
  await honk.close();
});

describe.each(Object.keys(instances))('well-formed with %s', (name) => {
  test('every segment is solved, proved and accepted; its claim is that of the blocks', async () => {
    const made = artifacts.get(name) as WellFormedArtifacts;
    const { instance } = made;
    const { sizes, blockLog, blocksPerProof } = instance;
    const { segments, slots } = wellFormedLayout(instance);
    expect(segments).toBeGreaterThan(1);
    const blocks = blocksOf(sizes, blockLog);
    const verdict = await honkVerdict(made.honkVerifier.runtime);
    for (let segment = 0; segment < segments; segment++) {
      const given = await wellFormedCase(instance, `honest ${name}`, segment);
      const built = buildWellFormedWitness(given.p2, given);
      const { witness, outputs } = await solveWitness(made.program, built.inputs);
      expect(outputs).toEqual(built.outputs);
      const [b, a, claim] = built.outputs;
      const own = blocks.slice(segment * blocksPerProof, (segment + 1) * blocksPerProof);
      expect(own.every(({ rows, columns }, t) => rows * columns <= (slots[t] as number))).toBe(true);
      const expected = own.reduce(
        (sum, { layer, firstRow, rows, columns }, t) => {
          const values = (given.weights[layer] as Int32Array).subarray(firstRow * columns, (firstRow + rows) * columns);
          const value = values.reduce((total, w, i) => total + BigInt(w) * pow(b, BigInt(i)), 0n);
          return sum + pow(a, 65536n * BigInt(t)) * mod(value);
        },
        pow(a, 65536n * BigInt(blocksPerProof)) * maskClaim(given.mask, b),
      );
      expect(claim).toBe(mod(expected));
      const proof = await honk.prove(made.program, made.verifyingKey, witness);
      expect(proof.publicInputs).toEqual([given.binding, ...built.outputs]);
      expect(await verdict(proof)).toBe(true);
      expect(await verdict({ ...proof, publicInputs: proof.publicInputs.with(0, given.binding + 1n) })).toBe(false);
    }
  });
});

test('the slots of a checkpoint whose blocks differ are as long as their longest', () => {
  const { slots, segments } = wellFormedLayout(instances['a last segment that is not full'] as WellFormedInstance);
  expect(blocksOf([6, 3, 2], 3).map(({ rows, columns }) => rows * columns)).toEqual([6, 6, 6, 3, 8]);
  expect([slots, segments]).toEqual([[8, 6], 3]);
});

test('the witness builder refuses what has no proof', async () => {
  const { instance } = artifacts.get('two blocks a proof') as WellFormedArtifacts;
  const given = await wellFormedCase(instance, 'refused');
  expect(buildWellFormedWitness(given.p2, given).outputs).toHaveLength(3);
  for (const beyond of [instance.spec.wmax + 1, -instance.spec.wmax - 1]) {
    const weights = given.weights.map((layer, l) => (l === 0 ? layer.with(5, beyond) : layer));
    expect(await codeOf(async () => buildWellFormedWitness(given.p2, { ...given, weights }))).toBe('WELL_FORMED_WEIGHT');
  }
  for (const segment of [-1, 0.5, 2]) {
    expect(await codeOf(async () => buildWellFormedWitness(given.p2, { ...given, segment }))).toBe('PROOF_INPUTS_INVALID');
  }
  expect(await codeOf(async () => buildWellFormedWitness(given.p2, { ...given, weights: given.weights.slice(1) }))).toBe(
    'PROOF_INPUTS_INVALID',
  );
  expect(await codeOf(async () => wellFormedLayout({ ...instance, blocksPerProof: 5 }))).toBe('CIRCUIT_SHAPE');
  expect(await codeOf(async () => wellFormedLayout({ ...instance, blocksPerProof: 0 }))).toBe('CIRCUIT_SHAPE');
});

test('the lock holds the small circuit under the dev ceremony', async () => {
  const made = artifacts.get('two blocks a proof') as WellFormedArtifacts;
  expect(await lockedHash(made.instance.name, 'program')).toBe(made.program.hash);
  expect(await lockedHash(made.instance.name, 'devVerifyingKey')).toBe(createHash('sha256').update(made.verifyingKey).digest('hex'));
});
