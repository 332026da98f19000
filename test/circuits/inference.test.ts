import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { R } from '../../src/commitment/field.ts';
import { pack } from '../../src/commitment/packing.ts';
import { lockedHash } from '../../src/proof/artifactLock.ts';
import { getCircuit, type InferenceInstance } from '../../src/proof/circuitInstance.ts';
import type { NoirInferenceArtifacts } from '../../src/proof/inference/noirArtifacts.ts';
import { noirInferenceLayout, noirInferenceSource } from '../../src/proof/inference/noirCircuit.ts';
import { buildInferenceWitness, type InferenceWitness } from '../../src/proof/inference/noirWitness.ts';
import { solveWitness } from '../../src/proof/solveWitness.ts';
import { createUltraHonk, type HonkProof, honkProofBytes, type UltraHonk } from '../../src/proof/ultrahonk.ts';
import { forwardPass } from '../../src/quant/forwardPass.ts';
import { defaultSpec, weightBits } from '../../src/quant/spec.ts';
import { codeOf } from '../utils/codeOf.ts';
import { type InferenceCase, inferenceArtifactsOf, inferenceCase, testInference } from '../utils/inferenceFixture.ts';
import { between } from '../utils/windowFixture.ts';
import { honkVerdict } from '../utils/windowVerdict.ts';

const registered = async (name: string): Promise<InferenceInstance> => (await getCircuit(name)) as InferenceInstance;
const instances: Record<string, InferenceInstance> = {
  'one class': await registered('inference-16-8-4'),
  'three vectors of logits': await registered('inference-16-8-4-x3-logits'),
  'two classes, three layers': testInference([12, 8, 6, 4], { inputs: 2 }),
  'one layer': testInference([5, 3]),
};

let honk: UltraHonk;
const artifacts = new Map<string, NoirInferenceArtifacts>();

beforeAll(async () => {
  for (const [name, instance] of Object.entries(instances)) artifacts.set(name, await inferenceArtifactsOf(instance));
  const largest = [...artifacts.values()].sort((x, y) => y.srs.count - x.srs.count)[0] as NoirInferenceArtifacts;
  honk = await createUltraHonk({ srs: largest.srs });
});

afterAll(async () => {
  await honk.close();
});

/** Solves, proves and returns the proof of a case. */
async function proved(made: NoirInferenceArtifacts, given: InferenceCase): Promise<{ built: InferenceWitness; proof: HonkProof }> {
  const built = buildInferenceWitness(given.p2, given);
  const { witness, outputs } = await solveWitness(made.program, built.inputs);
  expect(outputs).toEqual(built.outputs);
  return { built, proof: await honk.prove(made.program, made.verifyingKey, witness) };
}

describe.each(Object.keys(instances))('an honest proof of %s', (name) => {
  test('is solved, proved and accepted, with every clip edge among its values', async () => {
    const made = artifacts.get(name) as NoirInferenceArtifacts;
    const { spec, sizes, inputs } = made.instance;
    const given = await inferenceCase({
      instance: made.instance,
      label: `honest ${name}`,
      hidden: sizes.length > 2 ? [-1, 0, 127, 128, 60, -20, 300, 126] : [],
    });
    const passes = forwardPass(spec, sizes, given.weights, given.features);
    if (sizes.length > 2) {
      const quotients = Array.from((passes[0] as { z: Float64Array }).z, (z) => Math.floor(z / 2 ** weightBits(spec)));
      for (const edge of [-1, 0, 126, 127, 128]) expect(quotients.filter((f) => f === edge).length, `f = ${edge}`).toBeGreaterThan(0);
    }
    const { built, proof } = await proved(made, given);
    const classes = sizes.at(-1) as number;
    const z = [...(passes.at(-1) as { z: Float64Array }).z];
    const rows = Array.from({ length: inputs }, (_, s) => z.slice(s * classes, (s + 1) * classes));
    expect(built.values).toEqual(made.instance.output === 'logits' ? z : rows.map((row) => row.indexOf(Math.max(...row))));
    expect(built.words).toEqual(
      made.instance.output === 'logits'
        ? pack(
            z.map((value) => value + 2 ** (made.shape.outputBits - 1)),
            made.shape.outputBits,
          )
        : pack(built.values, 8),
    );
    expect(proof.publicInputs).toEqual([given.binding, built.inputId, ...built.words, ...built.outputs]);
    expect(proof.proof).toHaveLength(honkProofBytes(made.logSize));
    const verdict = await honkVerdict(made.honkVerifier.runtime);
    expect(await verdict(proof)).toBe(true);
    expect(await verdict({ ...proof, proof: proof.proof.with(200, (proof.proof[200] as number) ^ 1) })).toBe(false);
    // Another value of any public input, and the same one written as a second number, are refused.
    for (let i = 0; i < proof.publicInputs.length; i++) {
      const word = proof.publicInputs[i] as bigint;
      expect(await verdict({ ...proof, publicInputs: proof.publicInputs.with(i, (word + 1n) % R) }), `word ${i} + 1`).toBe(false);
      expect(await verdict({ ...proof, publicInputs: proof.publicInputs.with(i, word + R) }), `word ${i} + r`).toBe(false);
    }
  });
});

test('of several largest logits the first is the answer', async () => {
  const made = artifacts.get('one class') as NoirInferenceArtifacts;
  const ties: [number[], number][] = [
    [[0, 0, 0, 0], 0],
    [[0, 1, 1, 0], 1],
    [[0, 1, 0, 1], 1],
    [[-1, -1, 0, 0], 2],
    [[-1, -1, -1, 0], 3],
    [[1, 0, 0, 1], 0],
  ];
  for (const [tied, answer] of ties) {
    const given = await inferenceCase({ instance: made.instance, label: 'ties', tied });
    const built = buildInferenceWitness(given.p2, given);
    expect(built.values, tied.join()).toEqual([answer]);
    expect((await solveWitness(made.program, built.inputs)).outputs).toEqual(built.outputs);
  }
});

test('weights at either end of their range are provable on the largest input', async () => {
  const made = artifacts.get('one class') as NoirInferenceArtifacts;
  const { spec, sizes } = made.instance;
  const given = await inferenceCase({ instance: made.instance, label: 'ends' });
  for (const sign of [1, -1]) {
    const weights = given.weights.map((layer, l) => layer.map((_, i) => (l === 0 || i % 2 === 0 ? sign : -sign) * spec.wmax));
    const features = new Uint8Array(sizes[0] as number).fill(2 ** spec.fx - 1);
    const built = buildInferenceWitness(given.p2, { ...given, weights, features });
    expect((await solveWitness(made.program, built.inputs)).outputs).toEqual(built.outputs);
  }
});

test('the witness builder and the circuit agree on random models, at every gain', async () => {
  const cases = Number(process.env['ASSAY_CASES'] ?? 16);
  const names = Object.keys(instances);
  for (let i = 0; i < cases; i++) {
    const made = artifacts.get(names[i % names.length] as string) as NoirInferenceArtifacts;
    const [gain] = between(`inference gain ${i}`, 1, -6, 2) as [number];
    const given = await inferenceCase({ instance: made.instance, label: `random ${i}`, gain });
    const built = buildInferenceWitness(given.p2, given);
    expect((await solveWitness(made.program, built.inputs)).outputs, `case ${i}, gain ${gain}`).toEqual(built.outputs);
  }
});

test('the forward pass equals plain integers', () => {
  const sizes = [7, 5, 4, 3];
  for (let i = 0; i < 20; i++) {
    const spec = defaultSpec(i % 5);
    const weights = sizes
      .slice(1)
      .map((m, l) => Int32Array.from(between(`forward ${i} ${l}`, ((sizes[l] as number) + 1) * m, -spec.wmax, spec.wmax)));
    const features = between(`forward features ${i}`, 3 * 7, 0, 15);
    const passes = forwardPass(spec, sizes, weights, features);
    for (let s = 0; s < 3; s++) {
      let a = features.slice(s * 7, (s + 1) * 7).map(BigInt);
      weights.forEach((layer, l) => {
        const [n, m] = [sizes[l] as number, sizes[l + 1] as number];
        const z = Array.from({ length: m }, (_, j) =>
          [...a, 1n << BigInt(spec.fa)].reduce((sum, x, row) => sum + x * BigInt(layer[row * m + j] as number), 0n),
        );
        expect(n).toBe(a.length);
        expect(Array.from((passes[l] as { z: Float64Array }).z.slice(s * m, (s + 1) * m), BigInt)).toEqual(z);
        a = z.map((value) => {
          const f = value >> BigInt(weightBits(spec));
          return f < 0n ? 0n : f > 127n ? 127n : f;
        });
      });
    }
  }
});

test('the lock holds the small circuit under the dev ceremony', async () => {
  const made = artifacts.get('one class') as NoirInferenceArtifacts;
  expect(await lockedHash(made.instance.name, 'program')).toBe(made.program.hash);
  expect(await lockedHash(made.instance.name, 'devVerifyingKey')).toBe(createHash('sha256').update(made.verifyingKey).digest('hex'));
});

describe('the generator refuses', () => {
  const base = testInference([4, 3, 2]);

  test.each<[string, Partial<InferenceInstance>, string]>([
    [
      'z beyond 53 bits',
      { spec: { ...defaultSpec(10, 16), fx: 8, fa: 8, fd: 8, actBits: 15, wmax: 2 ** 31 - 1 }, sizes: [65535, 65535, 2] },
      'QUANT_BOUND_EXCEEDED',
    ],
    ['more rows than powers of a below rho', { sizes: [65_536, 2, 2] }, 'CIRCUIT_WIDTH'],
    ['a class of more than 8 bits', { sizes: [4, 3, 257] }, 'CIRCUIT_WIDTH'],
    ['no input', { inputs: 0 }, 'CIRCUIT_SHAPE'],
    ['more than 16 layers', { sizes: Array.from({ length: 18 }, () => 2) }, 'CIRCUIT_SHAPE'],
    ['a circom instance', { system: 'circom' }, 'CIRCUIT_SHAPE'],
  ])('%s', async (_what, change, code) => {
    expect(await codeOf(async () => noirInferenceSource({ ...base, ...change }))).toBe(code);
    expect(noirInferenceSource(base)).toContain('fn main(');
  });

  test('neither 256 classes nor 257 logits', () => {
    expect(noirInferenceLayout({ ...base, sizes: [4, 3, 256] }).outputWords).toBe(1);
    expect(noirInferenceLayout({ ...base, sizes: [4, 3, 257], output: 'logits' }).outputWords).toBeGreaterThan(20);
  });
});

test('the witness builder refuses what the circuit does not take', async () => {
  const given = await inferenceCase({ instance: testInference([4, 3, 2]), label: 'refused' });
  const refusal = (change: Partial<InferenceCase>): Promise<string | undefined> =>
    codeOf(async () => buildInferenceWitness(given.p2, { ...given, ...change }));
  expect(buildInferenceWitness(given.p2, given).outputs).toHaveLength(3);
  expect(await refusal({ features: given.features as Uint8Array, mask: given.mask.slice(1) })).toBe('PROOF_INPUTS_INVALID');
  expect(await refusal({ features: [1, 2, 3] })).toBe('PROOF_INPUTS_INVALID');
  expect(await refusal({ features: [1, 2, 3, 16] })).toBe('QUANT_FORWARD_INVALID');
  expect(await refusal({ weights: given.weights.slice(1) })).toBe('QUANT_FORWARD_INVALID');
  // z beyond its width: only weights far beyond wmax reach it.
  const huge = given.weights.map((layer) => layer.map(() => 2 ** 31 - 1));
  expect(await refusal({ weights: huge, features: [15, 15, 15, 15] })).toBe('COMMITMENT_PACK_RANGE');
});
