import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { R } from '../../src/commitment/field.ts';
import { pack, unpack } from '../../src/commitment/packing.ts';
import { spongeTags } from '../../src/commitment/poseidon2.ts';
import { cutAuditSet } from '../../src/data/auditSet.ts';
import type { AuditArtifacts } from '../../src/proof/audit/artifacts.ts';
import { auditLayout, auditSource, forwardInstance } from '../../src/proof/audit/circuit.ts';
import { buildAuditWitness } from '../../src/proof/audit/witness.ts';
import type { AuditInstance } from '../../src/proof/circuitInstance.ts';
import { solveWitness } from '../../src/proof/solveWitness.ts';
import { createUltraHonk, honkProofBytes, type UltraHonk } from '../../src/proof/ultrahonk.ts';
import { forwardPass } from '../../src/quant/forwardPass.ts';
import { auditArtifactsOf, auditCase, testAudit } from '../utils/auditFixture.ts';
import { codeOf } from '../utils/codeOf.ts';
import { honkVerdict } from '../utils/windowVerdict.ts';

const instances: Record<string, AuditInstance> = {
  'two groups': testAudit([4, 3, 2]),
  'no groups, three layers': testAudit([5, 4, 3, 3], { groups: 1, samples: 5, treeDepth: 3 }),
  'counts behind a commitment': testAudit([4, 3, 2], { output: 'committed' }),
  'margins told apart': testAudit([4, 3, 3], { samples: 5, thresholds: [3008, 5000, 6500] }),
  'one layer, a tree of two': testAudit([4, 2], { treeDepth: 1, groups: 1 }),
};

let honk: UltraHonk;
const artifacts = new Map<string, AuditArtifacts>();

beforeAll(async () => {
  for (const [name, instance] of Object.entries(instances)) artifacts.set(name, await auditArtifactsOf(instance));
  const largest = [...artifacts.values()].sort((x, y) => y.srs.count - x.srs.count)[0] as AuditArtifacts;
  honk = await createUltraHonk({ srs: largest.srs });
});

afterAll(async () => {
  await honk.close();
});

describe.each(Object.keys(instances))('an honest chunk: %s', (name) => {
  test('is solved, proved and accepted; its counts are those of the plain forward pass; no public input can be another', async () => {
    const made = artifacts.get(name) as AuditArtifacts;
    const { instance } = made;
    const { spec, sizes, samples, groups, treeDepth, output, thresholds } = instance;
    const given = await auditCase(instance, `honest ${name}`, treeDepth === 1 ? 1 : 2);
    const built = buildAuditWitness(given.p2, given);
    const classes = sizes.at(-1) as number;
    const { z } = forwardPass(spec, sizes, given.weights, given.features).at(-1) as { z: Float64Array };
    const bins = thresholds.length + 1;
    const expected = Array.from({ length: groups * classes * classes * bins }, () => 0);
    for (let s = 0; s < samples; s++) {
      const row = [...z.subarray(s * classes, (s + 1) * classes)];
      const label = given.labels[s] as number;
      const largest = Math.max(...row);
      const answer = row.indexOf(largest);
      const bin = thresholds.filter((threshold) => row.every((logit, j) => j === answer || largest - logit >= threshold)).length;
      if (label < groups * classes) (expected[(label * classes + answer) * bins + bin] as number)++;
    }
    expect(built.counts).toEqual(expected);
    expect(expected.reduce((sum, count) => sum + count, 0)).toBe(samples - 1);
    if (output === 'counts') expect(unpack(built.words, 16, expected.length)).toEqual(expected);
    else expect(built.words).toEqual([given.p2.sponge(spongeTags.counts, [...pack(expected, 16), given.countSalt as bigint])]);

    const { witness, outputs } = await solveWitness(made.program, built.inputs);
    expect(outputs).toEqual(built.outputs);
    const proof = await honk.prove(made.program, made.verifyingKey, witness);
    expect(proof.publicInputs).toEqual([given.binding, given.root, BigInt(given.chunk), ...built.words, ...built.outputs]);
    expect(proof.proof).toHaveLength(honkProofBytes(made.logSize));
    const verdict = await honkVerdict(made.honkVerifier.runtime);
    expect(await verdict(proof)).toBe(true);
    for (const [i, word] of proof.publicInputs.entries()) {
      expect(await verdict({ ...proof, publicInputs: proof.publicInputs.with(i, (word + 1n) % R) }), `input ${i} + 1`).toBe(false);
      expect(await verdict({ ...proof, publicInputs: proof.publicInputs.with(i, word + R) }), `input ${i} + r`).toBe(false);
    }
  });
});

test('circuit and plain count of margins agree, also of ties and of margins at a threshold and just below', async () => {
  const made = artifacts.get('margins told apart') as AuditArtifacts;
  const { sizes, spec, thresholds } = made.instance;
  const plain = ['a', 'b', 'd', 'e', 'f', 'g'].map((name) => ({ name, biases: undefined }));
  // All weights but the last biases are 0: z is 2^fa = 16 times them.
  const exact = [
    [188, 0, 0],
    [0, 187, 0],
    [5, 7, 7],
  ].map((biases) => ({ name: String(biases), biases }));
  const seen = new Set<number>();
  for (const { name, biases } of [...plain, ...exact]) {
    const given = await auditCase(made.instance, `margins ${name}`, 1);
    if (biases !== undefined) {
      for (const layer of given.weights) layer.fill(0);
      (given.weights.at(-1) as Int32Array).set(biases, 3 * 3);
    }
    const { z } = forwardPass(spec, sizes, given.weights, given.features).at(-1) as { z: Float64Array };
    const expected = Array.from({ length: 2 * 3 * 3 * 4 }, () => 0);
    for (const [s, label] of Array.from(given.labels).entries()) {
      const row = [...z.subarray(3 * s, 3 * s + 3)];
      const [first, second] = row.toSorted((x, y) => y - x) as [number, number, number];
      const bin = thresholds.filter((threshold) => first - second >= threshold).length;
      seen.add(bin);
      if (biases !== undefined) expect(first - second, name).toBe({ 188: 3008, 0: 2992, 5: 0 }[String(biases[0])]);
      (expected[(label * 3 + row.indexOf(first)) * 4 + bin] as number)++;
    }
    const built = buildAuditWitness(given.p2, given);
    expect(built.counts, name).toEqual(expected);
    expect((await solveWitness(made.program, built.inputs)).outputs, name).toEqual(built.outputs);
  }
  expect([...seen].sort()).toEqual([0, 1, 2, 3]);
});

test('the last chunk is filled up with samples that count for nothing', async () => {
  const { p2 } = await auditCase(instances['two groups'] as AuditInstance, 'cut');
  const dataset = {
    count: 5,
    width: 2,
    classes: 2,
    featureBits: 4,
    features: Uint8Array.from({ length: 10 }, (_, i) => i),
    labels: Uint8Array.of(0, 1, 1, 0, 1),
  };
  const groups = { count: 3, of: [0, 1, 2, 2, 0] };
  const set = cutAuditSet(p2, dataset, { samples: 3, depth: 2, groups });
  expect(set.chunks.map(({ labels }) => [...labels])).toEqual([
    [0, 3, 5],
    [4, 1, 6],
  ]);
  expect([...(set.chunks[1] as { features: Uint8Array }).features]).toEqual([6, 7, 8, 9, 0, 0]);
  // One root with fewer chunks, or other groups, is another set.
  const one = cutAuditSet(
    p2,
    { ...dataset, count: 3, features: dataset.features.slice(0, 6), labels: dataset.labels.slice(0, 3) },
    { samples: 3, depth: 2 },
  );
  expect(one.id).not.toBe(set.id);
  expect(await codeOf(() => cutAuditSet(p2, dataset, { samples: 3, depth: 9 }))).toBe('DATA_SET_INVALID');
  expect(await codeOf(() => cutAuditSet(p2, dataset, { samples: 3, depth: 2, groups: { count: 2, of: [0, 1, 2, 0, 0] } }))).toBe(
    'DATA_SET_INVALID',
  );
  expect(await codeOf(() => cutAuditSet(p2, dataset, { samples: 3, depth: 2, groups: { count: 128, of: [0, 0, 0, 0, 0] } }))).toBe(
    'DATA_SET_INVALID',
  );
});

test('the generator refuses what the encoding does not allow', async () => {
  const base = testAudit([4, 3, 2]);
  expect(await codeOf(() => auditLayout(base))).toBeUndefined();
  expect(auditLayout({ ...base, thresholds: [1, 2, 3, 4, 5, 6, 7, 2 ** 22 - 1] }).counts).toBe(72);
  for (const change of [
    { samples: 0 },
    { samples: 65_536 },
    { groups: 0 },
    { groups: 128 },
    { treeDepth: 9 },
    { treeDepth: 0 },
    { sizes: [4, 1], groups: 1 },
    { sizes: [4, 1], groups: 2, thresholds: [1] },
    { thresholds: [0] },
    { thresholds: [5, 5] },
    { thresholds: [5, 4] },
    { thresholds: [1.5] },
    { thresholds: [2 ** 22] },
    { thresholds: [1, 2, 3, 4, 5, 6, 7, 8, 9] },
  ]) {
    expect(await codeOf(() => auditSource({ ...base, ...change })), JSON.stringify(change)).toBe('CIRCUIT_SHAPE');
  }
  // 255 labels of 255 classes are more counts than 256 words hold.
  expect(await codeOf(() => auditLayout({ ...base, sizes: [4, 255], groups: 1 }))).toBe('CIRCUIT_SHAPE');
  expect(forwardInstance(base).inputs).toBe(base.samples);
});
