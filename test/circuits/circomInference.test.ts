import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { R } from '../../src/commitment/field.ts';
import { loadPoseidon2 } from '../../src/commitment/poseidon2.ts';
import { buildCircomInferenceWitness, solveCircomInference } from '../../src/proof/circom/circomWitness.ts';
import { circomVersion, compileCircom } from '../../src/proof/circom/compileCircom.ts';
import { circomInferenceLayout, circomInferenceSource } from '../../src/proof/circom/inferenceCircuit.ts';
import { readR1csHeader } from '../../src/proof/circom/r1csHeader.ts';
import { solveCircomWitness } from '../../src/proof/circom/solveCircomWitness.ts';
import type { InferenceInstance } from '../../src/proof/circuitInstance.ts';
import { defaultSpec } from '../../src/quant/spec.ts';
import { classify } from '../../src/train/classify.ts';
import { circomCase, circomInstance, circomProgramOf, circomSystem, gadgetSources } from '../utils/circomFixture.ts';
import { readWitness, violatedBy } from '../utils/circomR1cs.ts';
import { bigintForward } from '../utils/circomReference.ts';
import { codeOf } from '../utils/codeOf.ts';
import { useScratch } from '../utils/useScratch.ts';

const scratch = useScratch('circom-inference');
const cases = Number(process.env['ASSAY_CASES'] ?? 300);

describe('answers are those of the reference', () => {
  test.each([
    { sizes: [4, 3, 2], output: 'class' as const },
    { sizes: [5, 4, 3, 3], output: 'logits' as const },
    { sizes: [6, 3], output: 'class' as const },
  ])('$sizes, $output', async ({ sizes, output }) => {
    const instance = circomInstance(sizes, output);
    const { spec } = instance;
    const program = await circomProgramOf(instance);
    const system = await circomSystem(program);
    const { zBits, outputBits } = circomInferenceLayout(instance);
    const offset = 1n << BigInt((zBits.at(-1) as number) - 1);
    let [clipped, answers] = [0, new Set<number>()];
    for (let i = 0; i < cases / 3; i++) {
      // Weights as training leaves them, larger, and at the bound of what must be provable.
      const largest = [2 ** 9, 2 ** 11, spec.wmax][i % 3] as number;
      const { built, weights, features } = await circomCase({ instance, label: `case ${i} ${sizes}`, largest });
      const reference = bigintForward(spec, sizes, weights, features as Uint8Array);
      clipped += reference.clipped;
      const logits = reference.logits;
      const told = output === 'class' ? [...classify(spec, sizes, weights, features as Uint8Array)] : logits.map(Number);
      expect(built.values).toEqual(told);
      answers = answers.add(told[0] as number);
      const packed =
        output === 'class' ? BigInt(told[0] as number) : logits.reduceRight((sum, z) => (sum << BigInt(outputBits)) + z + offset, 0n);
      expect(built.words).toEqual([packed]);
      // The circuit says the same: it takes this answer, with these public signals in this order.
      const witness = system.solve(built.inputs);
      expect(witness.slice(1, 1 + system.r1cs.publicInputs)).toEqual(built.publicSignals);
      if (i >= 20) continue;
      expect(violatedBy(system.r1cs, witness)).toEqual([]);
      // And no other one.
      const other = { ...built.inputs, outputs: built.words.map((word) => (word === 0n ? 1n : word - 1n)) };
      expect(await codeOf(() => system.solve(other))).toBe('WITNESS_UNSATISFIED');
    }
    expect(answers.size).toBeGreaterThan(1);
    if (sizes.length > 2) expect(clipped).toBeGreaterThan(cases / 10);
  });

  test('a witness file of the child process is the witness', async () => {
    const instance = circomInstance([4, 3, 2]);
    const program = await circomProgramOf(instance);
    const { built, ...parameters } = await circomCase({ instance, label: 'file' });
    const solved = await solveCircomInference(program, parameters);
    const system = await circomSystem(program);
    const header = 12 + 12 + 40 + 12;
    expect(solved.wtns.length).toBe(header + 32 * system.r1cs.wires);
    expect(readWitness(solved.wtns.subarray(header))).toEqual(system.solve(built.inputs));
    expect(solved.publicSignals).toEqual(built.publicSignals);
    expect(solved.outputs).toEqual(built.publicSignals.slice(-3));
    expect(program.publicInputs).toBe(5 + 1);
    expect(program.constraints).toBe(system.r1cs.constraints.length);
    const view = new DataView(solved.wtns.buffer);
    expect(Buffer.from(solved.wtns.subarray(0, 4)).toString()).toBe('wtns');
    expect(view.getUint32(60, true)).toBe(system.r1cs.wires);
  });

  test('inputs that the circuit does not take are refused by name', async () => {
    const instance = circomInstance([4, 3, 2]);
    const { wasm } = await circomProgramOf(instance);
    const { built, ...parameters } = await circomCase({ instance, label: 'refused' });
    const { salt, ...missing } = built.inputs;
    expect(salt).toHaveLength(1);
    expect(await codeOf(() => solveCircomWitness(wasm, missing))).toBe('WITNESS_INPUTS');
    expect(await codeOf(() => solveCircomWitness(wasm, { ...built.inputs, other: [1n] }))).toBe('WITNESS_INPUTS');
    expect(await codeOf(() => solveCircomWitness(wasm, { ...built.inputs, salt: [1n, 2n] }))).toBe('WITNESS_INPUTS');
    expect(await codeOf(() => solveCircomWitness(wasm, { ...built.inputs, salt: [R] }))).toBe('WITNESS_INPUTS');
    expect(await codeOf(() => solveCircomWitness(wasm, { ...built.inputs, salt: [1n] }))).toBe('WITNESS_UNSATISFIED');
    expect(await codeOf(() => solveCircomWitness(wasm.slice(0, 100), built.inputs))).toBe('WITNESS_FAILED');
    expect(await codeOf(() => solveCircomWitness(wasm, built.inputs))).toBeUndefined();
    const p2 = await loadPoseidon2();
    const build = (change: object) => codeOf(() => buildCircomInferenceWitness(p2, { ...parameters, ...change }));
    expect(await build({ features: parameters.features as Uint8Array })).toBeUndefined();
    expect(await build({ features: [1, 2, 3] })).toBe('PROOF_INPUTS_INVALID');
    expect(await build({ mask: parameters.mask.slice(1) })).toBe('PROOF_INPUTS_INVALID');
    expect(await build({ features: [1, 2, 3, 16] })).toBe('QUANT_FORWARD_INVALID');
    // Weights beyond wmax, whose logits leave their width.
    expect(await build({ weights: parameters.weights.map((layer) => layer.map(() => 2 ** 24)) })).toBe('COMMITMENT_PACK_RANGE');
  });
});

describe('the generator refuses', () => {
  const base = circomInstance([4, 3, 2]);
  const refusal = (change: Partial<InferenceInstance>) => codeOf(() => circomInferenceSource({ ...base, ...change }));

  test('nothing that is provable', async () => {
    expect(await refusal({})).toBeUndefined();
    expect(await refusal({ sizes: [65_535, 1] })).toBeUndefined();
    expect(await refusal({ sizes: [4, 256] })).toBeUndefined();
    expect(await refusal({ sizes: Array.from({ length: 17 }, () => 2) })).toBeUndefined();
  });

  test.each<[string, Partial<InferenceInstance>, string]>([
    ['a batch', { inputs: 2 }, 'CIRCUIT_SHAPE'],
    ['a Noir circuit', { system: 'noir' }, 'CIRCUIT_SHAPE'],
    ['no layer', { sizes: [4] }, 'CIRCUIT_SHAPE'],
    ['17 layers', { sizes: Array.from({ length: 18 }, () => 2) }, 'CIRCUIT_SHAPE'],
    ['an empty layer', { sizes: [4, 0, 2] }, 'CIRCUIT_SHAPE'],
    ['257 classes', { sizes: [4, 257] }, 'CIRCUIT_WIDTH'],
    ['more rows than powers of a below rho', { sizes: [65_536, 1] }, 'CIRCUIT_WIDTH'],
    ['more public words than a statement has', { sizes: [4, 10_000], output: 'logits' }, 'CIRCUIT_SHAPE'],
    [
      'logits that float64 does not hold',
      { sizes: [65_535, 65_535, 2], spec: { ...defaultSpec(10, 16), actBits: 15, wmax: 2 ** 31 - 1 } },
      'QUANT_BOUND_EXCEEDED',
    ],
  ])('%s', async (_what, change, code) => {
    expect(await refusal(change)).toBe(code);
  });
});

describe('compiled circuits', () => {
  test('the version that keys the cache is the one that is installed', async () => {
    const { dependencies } = JSON.parse(await readFile('package.json', 'utf8')) as { dependencies: Record<string, string> };
    expect(dependencies['circom2']).toBe(circomVersion);
  });

  test('are compiled once, and alike; a damaged one is refused', async () => {
    const sources = await gadgetSources('component main = Separator();');
    let compiled = 0;
    const parameters = { name: 'test-cache', sources, cacheDirectory: join(scratch.path, 'one'), onCompile: () => compiled++ };
    const [first, second] = await Promise.all([compileCircom(parameters), compileCircom(parameters)]);
    expect(compiled).toBe(1);
    expect(second.hash).toBe(first.hash);
    expect((await compileCircom({ ...parameters, cacheDirectory: join(scratch.path, 'two') })).hash).toBe(first.hash);
    expect(compiled).toBe(2);
    const path = join(first.directory, 'circuit.r1cs');
    const bytes = await readFile(path);
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
    await writeFile(path, bytes);
    await expect(compileCircom(parameters)).rejects.toMatchObject({ code: 'ARTIFACT_CORRUPT', exitCode: 6 });
  });

  test('a header of something else is refused', async () => {
    const { r1cs } = await compileCircom({
      name: 'test-cache',
      sources: await gadgetSources('component main = Separator();'),
      cacheDirectory: join(scratch.path, 'three'),
    });
    expect(readR1csHeader(r1cs)).toEqual({ wires: 18, publicInputs: 1, constraints: 16 });
    // The header section: its number, then its length, then the size of a field element and the prime.
    let header = 12;
    const view = new DataView(r1cs.buffer, r1cs.byteOffset);
    while (view.getUint32(header, true) !== 1) header += 12 + view.getUint32(header + 4, true);
    const broken = (at: number) => r1cs.map((byte, i) => (i === at ? byte ^ 1 : byte));
    for (const bytes of [
      r1cs.slice(0, 8),
      broken(0),
      broken(4),
      r1cs.slice(0, 12),
      broken(header),
      broken(header + 12),
      broken(header + 16),
    ]) {
      expect(await codeOf(() => readR1csHeader(bytes))).toBe('R1CS_INVALID');
    }
  });
});
