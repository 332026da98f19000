import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lockedHash } from '../../src/proof/artifactLock.ts';
import { getWindowCircuit, type WindowInstance } from '../../src/proof/circuitInstance.ts';
import { solveWitness } from '../../src/proof/solveWitness.ts';
import { createUltraHonk, honkProofBytes, type UltraHonk } from '../../src/proof/ultrahonk.ts';
import type { WindowArtifacts } from '../../src/proof/windowArtifacts.ts';
import { buildWindowWitness } from '../../src/proof/windowWitness.ts';
import { weightBits } from '../../src/quant/spec.ts';
import { useScratch } from '../utils/useScratch.ts';
import { between, testInstance, type WindowCase, windowArtifactsOf, windowCase } from '../utils/windowFixture.ts';
import { circuitSources, runCompiler, writePackage } from '../utils/windowMutant.ts';
import { honkVerdict } from '../utils/windowVerdict.ts';

const scratch = useScratch('window');
const instances: Record<string, WindowInstance> = {
  small: await getWindowCircuit('train-window-16-8-4'),
  deep: testInstance([12, 8, 6, 4], { steps: 2 }),
};

let honk: UltraHonk;
const artifacts = new Map<string, WindowArtifacts>();

beforeAll(async () => {
  for (const [name, instance] of Object.entries(instances)) artifacts.set(name, await windowArtifactsOf(instance));
  const largest = [...artifacts.values()].sort((x, y) => y.srs.count - x.srs.count)[0] as WindowArtifacts;
  honk = await createUltraHonk({ srs: largest.srs });
});

afterAll(async () => {
  await honk.close();
});

/** Quotients f (or g) of every neuron, sample and step of a layer. */
function quotients(window: WindowCase, l: number): number[] {
  const { spec, sizes } = window.instance;
  const last = l === sizes.length - 2;
  const bits = weightBits(spec) + (last ? 2 : 0);
  const offset = last ? 2 ** (spec.fd - 1) : 0;
  return window.steps.flatMap(({ layers }) =>
    Array.from((layers[l] as { z: ArrayLike<number> }).z, (z) => Math.floor(z / 2 ** bits) + offset),
  );
}

describe.each(Object.keys(instances))('an honest window of the %s circuit', (name) => {
  test('is solved, proved and accepted, with every clip edge among its values', async () => {
    const made = artifacts.get(name) as WindowArtifacts;
    const window = await windowCase({
      instance: made.instance,
      label: `honest ${name}`,
      hidden: [-1, 0, 127, 128, 60, -20, 300, 126],
      output: [0, 16, 17, -1],
    });
    const hidden = quotients(window, 0);
    const output = quotients(window, made.instance.sizes.length - 2);
    for (const edge of [-1, 0, 127, 128]) expect(hidden.filter((f) => f === edge).length, `f = ${edge}`).toBeGreaterThan(0);
    for (const edge of [-1, 0, 16, 17]) expect(output.filter((g) => g === edge).length, `g = ${edge}`).toBeGreaterThan(0);
    const built = buildWindowWitness(window.p2, window);
    const { witness, outputs } = await solveWitness(made.program, built.inputs);
    expect(outputs).toEqual(built.outputs);
    const proof = await honk.prove(made.program, made.verifyingKey, witness);
    expect(proof.publicInputs).toEqual([...window.statement, ...built.outputs]);
    expect(proof.proof).toHaveLength(honkProofBytes(made.logSize));
    const verdict = await honkVerdict(made.honkVerifier.runtime);
    expect(await verdict(proof)).toBe(true);
    const broken = { ...proof, proof: proof.proof.with(200, (proof.proof[200] as number) ^ 1) };
    expect(await verdict(broken)).toBe(false);
  });
});

test('the lock holds the small circuit under the dev ceremony', async () => {
  const made = artifacts.get('small') as WindowArtifacts;
  expect(await lockedHash(made.instance.name, 'program')).toBe(made.program.hash);
  expect(await lockedHash(made.instance.name, 'devVerifyingKey')).toBe(createHash('sha256').update(made.verifyingKey).digest('hex'));
});

test('what is compiled does not depend on the folder', async () => {
  const instance = testInstance([2, 2, 2], { lb: 0, treeDepth: 1 });
  const folders = ['one', join('another', 'much', 'deeper', 'place')].map((folder) => join(scratch.path, folder));
  for (const folder of folders) {
    mkdirSync(folder, { recursive: true });
    writePackage(folder, circuitSources(instance));
  }
  await runCompiler(folders);
  const [one, another] = folders.map((folder) => readFileSync(join(folder, 'program.json'), 'utf8'));
  expect(another).toBe(one);
  expect((JSON.parse(one as string) as { bytecode: string }).bytecode.length).toBeGreaterThan(1000);
});

test('the witness builder and the circuit agree on random windows, at every gain', async () => {
  const cases = Number(process.env['ASSAY_CASES'] ?? 12);
  for (let i = 0; i < cases; i++) {
    const made = artifacts.get(i % 2 === 0 ? 'small' : 'deep') as WindowArtifacts;
    const [gain] = between(`gain ${i}`, 1, -6, 2) as [number];
    const window = await windowCase({ instance: made.instance, label: `random ${i}`, gain });
    const built = buildWindowWitness(window.p2, window);
    const { outputs } = await solveWitness(made.program, built.inputs);
    expect(outputs, `case ${i}, gain ${gain}`).toEqual(built.outputs);
  }
});
