import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { circomTranscript } from '../../src/commitment/circomTranscript.ts';
import { mod, pow, R } from '../../src/commitment/field.ts';
import { pack } from '../../src/commitment/packing.ts';
import { loadPoseidon2, type Poseidon2 } from '../../src/commitment/poseidon2.ts';
import { fullRoundConstants, internalDiagonal, partialRoundConstants } from '../../src/commitment/poseidon2Constants.ts';
import { compileCircom, writeCircomSources } from '../../src/proof/circom/compileCircom.ts';
import { runCircom } from '../../src/proof/circom/runCircom.ts';
import { evaluate } from '../../src/proof/windowWitness.ts';
import { type CircomSystem, gadgetSources, systemOf } from '../utils/circomFixture.ts';
import { activationHoles, argmaxHoles, bitsHoles } from '../utils/circomHoles.ts';
import { violatedBy } from '../utils/circomR1cs.ts';
import { codeOf } from '../utils/codeOf.ts';
import { fieldElements } from '../utils/random.ts';
import { useScratch } from '../utils/useScratch.ts';
import { between } from '../utils/windowFixture.ts';

const scratch = useScratch('circom-gadgets');
let p2: Poseidon2;

beforeAll(async () => {
  p2 = await loadPoseidon2();
});

/** A template alone, its first input public, so that the compiler keeps it. */
const gadget = async (name: string, call: string): Promise<CircomSystem> =>
  systemOf(`test-${name}`, await gadgetSources(`component main {public [in]} = ${call};`));

/** The value of the gadget's output. */
const outputOf = (system: CircomSystem, witness: readonly bigint[], name = 'out'): bigint => witness[system.wire(`main.${name}`)] as bigint;

describe('hashes', () => {
  test('the constants of Poseidon2 are those of TypeScript', async () => {
    const text = await readFile('circuits/circom/lib/poseidon2Constants.circom', 'utf8');
    const constants = [...text.matchAll(/0x([0-9a-f]{64})/g)].map(([, value]) => value);
    expect(constants).toEqual([...fullRoundConstants, ...partialRoundConstants, ...internalDiagonal]);
  });

  test('sponges and transcripts are those of TypeScript', async () => {
    const lengths = { sponge: [1, 3, 4, 8], transcript: [1, 15, 16, 31] };
    const all = [
      ...lengths.sponge.map((n) => ({ name: `sponge${n}`, n, call: `Sponge(7, ${n})` })),
      ...lengths.transcript.map((n) => ({ name: `transcript${n}`, n, call: `Transcript(3, ${n})` })),
    ];
    const main = [
      'template Hashes() {',
      ...all.flatMap(({ name, n }) => [`  signal input in_${name}[${n}];`, `  signal output ${name};`]),
      ...all.map(({ name, call }) => `  ${name} <== ${call}(in_${name});`),
      '}',
      'component main = Hashes();',
    ];
    const system = await systemOf('test-hashes', await gadgetSources(main.join('\n')));
    const items = (n: number): bigint[] => [...fieldElements(`hash ${n}`, n - 1), R - 1n];
    const witness = system.solve(Object.fromEntries(all.map(({ name, n }) => [`in_${name}`, items(n)])));
    for (const n of lengths.sponge) expect(outputOf(system, witness, `sponge${n}`)).toBe(p2.sponge(7, items(n)));
    for (const n of lengths.transcript) {
      expect(outputOf(system, witness, `transcript${n}`)).toBe(circomTranscript(3, items(n)));
      expect(circomTranscript(3, items(n))).not.toBe(circomTranscript(4, items(n)));
      // Zeros that fill a group do not meet zeros that were told.
      expect(circomTranscript(3, items(n))).not.toBe(circomTranscript(3, [...items(n), 0n]));
    }
    const permutations = lengths.sponge.reduce((sum, n) => sum + Math.ceil(n / 3), 0);
    const chained = lengths.transcript.reduce((sum, n) => sum + Math.ceil(n / 15), 0);
    expect(system.r1cs.constraints.length).toBeLessThanOrEqual(264 * permutations + 609 * chained);
  });

  test('a transcript takes field elements only, and at least one', async () => {
    expect(await codeOf(() => circomTranscript(3, [R]))).toBe('COMMITMENT_FIELD_RANGE');
    expect(await codeOf(() => circomTranscript(3, [-1n]))).toBe('COMMITMENT_FIELD_RANGE');
    expect(await codeOf(() => circomTranscript(3, []))).toBe('COMMITMENT_SPONGE_EMPTY');
  });
});

describe('packing', () => {
  test.each([
    [70, 4],
    [9, 28],
    [10, 28],
    [5, 53],
  ])('%d values of %d bits', async (n, w) => {
    const system = await gadget(`pack-${n}-${w}`, `Pack(${n}, ${w})`);
    const values = between(`pack ${n} ${w}`, n, 0, 2 ** w - 1);
    const expected = pack(values, w);
    const witness = system.solve({ in: values.map(BigInt) });
    expect(expected.map((_, i) => outputOf(system, witness, `out[${i}]`))).toEqual(expected);
  });

  test('bits are those of the value: no other bits, no value beyond, no value + r', async () => {
    const k = 5;
    const system = await gadget('bits', `Bits(${k})`);
    // As outputs of the whole circuit all bits are kept.
    const kept = Array.from({ length: k }, (_, i) => system.names.findIndex((names) => names.includes(`main.out[${i}]`)));
    expect(kept.every((wire) => wire > 0)).toBe(true);
    const tell = (told: bigint[], digit: (i: number) => bigint): void => {
      kept.forEach((wire, i) => {
        told[wire] = mod(digit(i));
      });
    };
    expect(bitsHoles(await gadget('bits-3', 'Bits(3)'), 3)).toEqual([]);
    for (const value of [32n, 33n, R - 1n, R - 32n]) expect(await codeOf(() => system.solve({ in: [value] }))).toBe('WITNESS_UNSATISFIED');
    // Bits of value + r modulo 2^k, and digits that are no bits but have the right sum.
    const witness = system.solve({ in: [9n] });
    const digits = (told: readonly bigint[]): number => {
      const forged = [...witness];
      tell(forged, (i) => told[i] as bigint);
      return violatedBy(system.r1cs, forged).length;
    };
    expect(digits([1n, 0n, 0n, 1n, 0n])).toBe(0);
    expect(digits(Array.from({ length: k }, (_, i) => ((9n + R) >> BigInt(i)) & 1n))).toBeGreaterThan(0);
    expect(digits([-1n, 1n, 0n, 1n, 0n])).toBeGreaterThan(0);
    expect(digits([9n, 0n, 0n, 0n, 0n])).toBeGreaterThan(0);
    expect(digits([1n, 0n, 2n, 0n, 0n])).toBeGreaterThan(0);
  });

  test('no width whose bits could be those of a value + r', async () => {
    const compile = async (k: number): Promise<string | undefined> =>
      codeOf(async () =>
        compileCircom({
          name: `test-bits-${k}`,
          sources: await gadgetSources(`component main = Bits(${k});`),
          cacheDirectory: scratch.path,
        }),
      );
    expect(await compile(250)).toBeUndefined();
    expect(await compile(251)).toBe('CIRCUIT_COMPILE_FAILED');
    expect(await compile(0)).toBe('CIRCUIT_COMPILE_FAILED');
  });
});

// Widths at which a quotient lies far outside, just outside, only on one side, or never above.
test.each([
  [9, 3, 4],
  [8, 3, 4],
  [7, 3, 4],
  [4, 4, 2],
  [3, 4, 2],
])('an activation of %d bits, %d of them the remainder, clipped to %d: exactly one value for every z', async (zBits, fw, actBits) => {
  const system = await gadget(`activation-${zBits}-${fw}-${actBits}`, `Activation(${zBits}, ${fw}, ${actBits})`);
  expect(system.r1cs.constraints.length).toBeLessThanOrEqual(zBits + 2);
  // Every value, with every answer that a prover could claim.
  expect(activationHoles(system, zBits, fw, actBits)).toEqual([]);
  const seen = new Set<number>();
  for (let value = 0; value < 2 ** zBits; value++) {
    const f = Math.floor((value - 2 ** (zBits - 1)) / 2 ** fw);
    const expected = Math.max(0, Math.min(2 ** actBits - 1, f));
    expect(outputOf(system, system.solve({ in: [BigInt(value)] }))).toBe(BigInt(expected));
    seen.add(Math.sign(f - expected));
  }
  expect(seen.size).toBe(zBits - 1 > fw + actBits ? 3 : 2);
});

test.each([
  [3, 2],
  [1, 2],
])('argmax of %d values of %d bits: the first largest, and no other class', async (n, k) => {
  const system = await gadget(`argmax-${n}-${k}`, `Argmax(${n}, ${k})`);
  expect(system.r1cs.constraints.length).toBeLessThanOrEqual(n * (k + 2));
  expect(argmaxHoles(system, n, k)).toEqual([]);
  for (let code = 0; code < 2 ** (k * n); code++) {
    const values = Array.from({ length: n }, (_, j) => Math.floor(code / 2 ** (k * j)) % 2 ** k);
    expect(outputOf(system, system.solve({ in: values.map(BigInt) }))).toBe(BigInt(values.indexOf(Math.max(...values))));
  }
});

test('evaluation and the separator of claims', async () => {
  const system = await gadget('evaluate', 'Evaluate(5)');
  const [at, ...terms] = fieldElements('evaluate', 6) as [bigint, ...bigint[]];
  expect(outputOf(system, system.solve({ in: terms, at: [at] }))).toBe(evaluate(terms, at));
  const separator = await gadget('separator', 'Separator()');
  expect(outputOf(separator, separator.solve({ in: [at] }))).toBe(pow(at, 65536n));
});

test('a product holds for what the layer computes, and for nothing beside it', async () => {
  const system = await gadget('product', 'AssertProduct(2, 3, 12, 16)');
  const weights = [5, -3, 2, 7, 0, -9, 1, 4, -2];
  const b = fieldElements('product', 1)[0] as bigint;
  const a = [3, 11];
  const z = [0, 1, 2].map((j) => [...a, 16].reduce((sum, x, i) => sum + x * (weights[3 * i + j] as number), 0));
  const y = [0, 1, 2].map((i) =>
    evaluate(
      weights.slice(3 * i, 3 * i + 3).map((w) => mod(BigInt(w))),
      b,
    ),
  );
  const inputs = (told: readonly number[]) => ({ in: told.map((value) => BigInt(value + 2048)), a: a.map(BigInt), y, b: [b] });
  expect(violatedBy(system.r1cs, system.solve(inputs(z)))).toEqual([]);
  for (const j of [0, 1, 2]) {
    for (const change of [-1, 1]) {
      const told = z.map((value, i) => (i === j ? value + change : value));
      expect(await codeOf(() => system.solve(inputs(told)))).toBe('WITNESS_UNSATISFIED');
    }
  }
});

test('a compiler that fails says why', async () => {
  await writeCircomSources(scratch.path, {
    'main.circom': 'pragma circom 2.2.2;\ntemplate Broken() { signal output out; out <== missing; }\ncomponent main = Broken();\n',
  });
  await expect(runCircom(scratch.path, ['main.circom', '--r1cs'])).rejects.toMatchObject({
    code: 'CIRCUIT_COMPILE_FAILED',
    details: expect.stringContaining('missing'),
  });
});
