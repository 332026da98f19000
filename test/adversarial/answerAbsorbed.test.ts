import { beforeAll, describe, expect, test } from 'vitest';
import { inv, mod, pow } from '../../src/commitment/field.ts';
import { type Poseidon2, spongeTags } from '../../src/commitment/poseidon2.ts';
import { noirInferenceLayout } from '../../src/proof/inference/noirCircuit.ts';
import { type CompiledProgram, solveWitness } from '../../src/proof/solveWitness.ts';
import { wellFormedLayout } from '../../src/proof/wellFormed/circuit.ts';
import { evaluate } from '../../src/proof/windowWitness.ts';
import type { ForgedWitness } from '../utils/forgedProof.ts';
import { type InferenceCase, inferenceArtifactsOf, inferenceCase, testInference } from '../utils/inferenceFixture.ts';
import { type ForgeAnswerParameters, forgeAnswer, solvedAnswerSketches } from '../utils/inferenceForgery.ts';
import { testWellFormed, type WellFormedCase, wellFormedArtifactsOf, wellFormedCase } from '../utils/wellFormedFixture.ts';
import { type ForgeWeightsParameters, forgeWeights } from '../utils/wellFormedForgery.ts';
import { solveLinear } from '../utils/windowForgery.ts';
import { compileMutants, type SourceEdit } from '../utils/windowMutant.ts';

// No item of an answer's or a segment's hashes is absorbed for show: dropped from its hash, the forgery that it stands against passes.

const zeroed = (hash: 'B' | 'A', slots: readonly number[]): SourceEdit => {
  const [name, items] = hash === 'B' ? ['b', 'transcript'] : ['a', 'sketches'];
  const from = `let ${name} = sponge::hash(sponge::TAG_TRANSCRIPT_${hash}, ${items});`;
  return { file: 'main.nr', from, to: `${slots.map((slot) => `${items}[${slot}] = 0;`).join(' ')} ${from}` };
};
const without = (slots: readonly number[]) => (items: readonly bigint[]) => items.map((item, i) => (slots.includes(i) ? 0n : item));
const solve = async (program: CompiledProgram, { inputs }: ForgedWitness): Promise<bigint[]> =>
  (await solveWitness(program, inputs)).outputs;
/** A mask whose claim is the same at every b. */
const constantMask = (value: bigint): bigint[] => [value, ...Array.from({ length: 15 }, () => 0n)];

/** Two witnesses that the circuit without an item gives the same outputs at `places`, and the real one others. */
async function expectUnbound(
  [real, mutant]: readonly [CompiledProgram, CompiledProgram],
  [first, second]: readonly [ForgedWitness, ForgedWitness],
  [bound, free]: readonly [ForgedWitness, ForgedWitness],
  places: readonly number[],
): Promise<void> {
  expect(second.inputs).not.toEqual(first.inputs);
  expect(await solve(mutant, first)).toEqual(first.outputs);
  expect(await solve(mutant, second)).toEqual(second.outputs);
  expect(await solve(real, bound)).toEqual(bound.outputs);
  expect(await solve(real, free)).toEqual(free.outputs);
  for (const place of places) {
    expect(second.outputs[place], `output ${place} without the item`).toBe(first.outputs[place]);
    expect(free.outputs[place], `output ${place} with it`).not.toBe(bound.outputs[place]);
  }
}

describe('an answer', () => {
  const instance = testInference([4, 3, 4]);
  const { zFields } = noirInferenceLayout(instance);
  expect(zFields).toEqual([1, 1]);
  const answerAssertion: SourceEdit = { file: 'main.nr', from: 'assert(answers[i] == outputs[i], "the answer differs");', to: '' };
  const slotsB = { binding: [0], inputId: [1], outputs: [2], blinder: [3], 'z of layer 0': [4], 'z of layer 1': [5] };
  const slotsA = { 'b in a': [0], 'y of layer 0': [1, 2, 3, 4, 5], 'y of layer 1': [6, 7, 8, 9], eR: [10], 'blinder in a': [11] };
  let real: CompiledProgram;
  let mutants: Record<string, CompiledProgram>;
  let given: InferenceCase;
  let p2: Poseidon2;

  beforeAll(async () => {
    real = (await inferenceArtifactsOf(instance)).program;
    mutants = await compileMutants(instance, {
      ...Object.fromEntries(Object.entries(slotsB).map(([name, slots]) => [name, [zeroed('B', slots)]])),
      // The answers are what the absorbed logits say, too: they are bound twice, and both are dropped.
      outputs: [zeroed('B', slotsB.outputs), answerAssertion],
      ...Object.fromEntries(Object.entries(slotsA).map(([name, slots]) => [name, [zeroed('A', slots)]])),
      features: [{ file: 'inference.nr', from: 'items = place(items, pack::<_, FX, FF>(flat(features)), 0);', to: '' }],
      salt: [{ file: 'inference.nr', from: 'items[FF] = salt;', to: '' }],
    });
    given = await inferenceCase({ instance, label: 'absorbed answer', gain: -1, hidden: [60, -3, 127] });
    p2 = given.p2;
  });

  const programs = (name: string): readonly [CompiledProgram, CompiledProgram] => [real, mutants[name] as CompiledProgram];
  const pair = (
    name: string,
    one: Partial<ForgeAnswerParameters>,
    other: Partial<ForgeAnswerParameters>,
    model: Partial<ForgeAnswerParameters>,
    places: readonly number[],
  ): Promise<void> =>
    expectUnbound(
      programs(name),
      [forgeAnswer({ given, ...one, ...model }), forgeAnswer({ given, ...other, ...model })],
      [forgeAnswer({ given, ...one }), forgeAnswer({ given, ...other })],
      places,
    );

  test('binding: one proof for another context, checkpoint or mask', async () => {
    await pair('binding', {}, { binding: 77n }, { absorbedB: without(slotsB.binding) }, [0, 1, 2]);
  });

  test('inputId: one proof for another commitment', async () => {
    await pair('inputId', {}, { salt: 78n }, { absorbedB: without(slotsB.inputId) }, [0, 1, 2]);
  });

  test('outputs: any answer, once it is not compared either', async () => {
    const model = { absorbedB: without(slotsB.outputs) };
    const [honest, lying] = [
      forgeAnswer({ given, ...model }),
      forgeAnswer({ given, words: ([word]) => [((word as bigint) + 1n) % 4n], ...model }),
    ];
    const mutant = mutants['outputs'] as CompiledProgram;
    expect(await solve(mutant, honest)).toEqual(honest.outputs);
    expect(await solve(mutant, lying)).toEqual(honest.outputs);
    await expect(solve(real, forgeAnswer({ given, words: ([word]) => [((word as bigint) + 1n) % 4n] }))).rejects.toThrow(
      'breaks a constraint',
    );
  });

  test('blinder: without it, b is a digest of values that can be guessed', async () => {
    await pair('blinder', {}, { blinder: 1n }, { absorbedB: without(slotsB.blinder) }, [0]);
  });

  test.each<[string, Partial<ForgeAnswerParameters>]>([
    ['z of layer 0', { clip: ({ j }, _f, [a, s, t, r]) => (j === 0 ? [a + 1n, s, t, r] : undefined) }],
    ['z of layer 1', { logits: (_s, z) => z.map((value) => value + 1n) }],
  ])('%s: false values chosen once b is known', async (name, lie) => {
    const sketches: ForgeAnswerParameters['sketches'] = (_honest, b, trace) => solvedAnswerSketches(instance, trace, b);
    // The values of every other layer stay what they are.
    const { trace } = forgeAnswer({ given });
    const logits: ForgeAnswerParameters['logits'] = () => (trace.z[1] as readonly (readonly bigint[])[])[0] as readonly bigint[];
    const slots = slotsB[name as keyof typeof slotsB];
    await pair(name, { sketches }, { sketches, logits, ...lie }, { absorbedB: without(slots) }, [0]);
  });

  test('b in a: sketches chosen for two b at once', async () => {
    const mask = constantMask(9n);
    const other = (honest: readonly bigint[]): bigint[] => honest.map((x) => 15n - x);
    const makers: Partial<ForgeAnswerParameters>[] = [{ mask }, { mask, features: other }];
    // b does not depend on the sketches: they are solved for both.
    const known = makers.map((maker) => forgeAnswer({ given, ...maker }));
    const y = [0, 1].map(
      (l) =>
        solveLinear(
          known.map(({ trace }) => trace.inputs[l]?.[0] as readonly bigint[]),
          known.map(({ trace, outputs: [b] }) =>
            evaluate(
              ((trace.z[l] as readonly (readonly bigint[])[])[0] as readonly bigint[]).map((z) => mod(z)),
              b,
            ),
          ),
        ) as bigint[],
    );
    const [one = {}, two = {}] = makers.map((maker): Partial<ForgeAnswerParameters> => ({ ...maker, sketches: () => y }));
    await pair('b in a', one, two, { absorbedA: without(slotsA['b in a']) }, [1]);
  });

  test.each([0, 1])('y of layer %i: other sketches once a is known', async (l) => {
    const moved: ForgeAnswerParameters['sketches'] = (honest, _b, trace) => {
      // Orthogonal to what the layer sees: Freivalds still holds.
      const seen = (trace.inputs[l] as readonly (readonly bigint[])[])[0] as readonly bigint[];
      const [x0, x1] = seen.slice(-2) as [bigint, bigint];
      return honest.map((y, i) => (i === l ? [...y.slice(0, -2), mod((y.at(-2) as bigint) + x1), mod((y.at(-1) as bigint) - x0)] : y));
    };
    const name = `y of layer ${l}` as keyof typeof slotsA;
    await pair(name, {}, { sketches: moved }, { absorbedA: without(slotsA[name]) }, [1]);
  });

  test('eR: another claim of the mask once a is known', async () => {
    await pair('eR', {}, { mask: constantMask(3n) }, { absorbedA: without(slotsA.eR) }, [1]);
  });

  test('blinder in a: without it, a guess of the weights can be checked against the public outputs', async () => {
    /** What b, E and guessed weights say that a is, if nothing secret goes into it. */
    const guessed = ([b, a, claim]: readonly bigint[]): bigint => {
      const y = given.weights.map((layer, l) => {
        const columns = instance.sizes[l + 1] as number;
        return Array.from({ length: layer.length / columns }, (_, i) =>
          evaluate(
            Array.from(layer.subarray(i * columns, (i + 1) * columns), (w) => mod(BigInt(w))),
            b as bigint,
          ),
        );
      });
      const rho = pow(a as bigint, 65536n);
      const own = evaluate(
        y.map((sketch) => evaluate(sketch, a as bigint)),
        rho,
      );
      const eR = mod(((claim as bigint) - own) * inv(pow(rho, 2n)));
      return p2.sponge(spongeTags.transcriptA, [b as bigint, ...y.flat(), eR, 0n]);
    };
    const leaky = await solve(
      mutants['blinder in a'] as CompiledProgram,
      forgeAnswer({ given, absorbedA: without(slotsA['blinder in a']) }),
    );
    expect(guessed(leaky)).toBe(leaky[1]);
    const sound = await solve(real, forgeAnswer({ given }));
    expect(guessed(sound)).not.toBe(sound[1]);
  });

  test.each<[string, Partial<ForgeAnswerParameters>, readonly number[]]>([
    ['features', { features: (honest) => honest.map((x) => 15n - x) }, [0]],
    ['salt', { salt: 79n }, [1]],
  ])('%s in the commitment to the input: others pass under the same one', async (name, change, dropped) => {
    const model = { absorbedId: without(dropped) };
    const [one, other] = [forgeAnswer({ given, ...model }), forgeAnswer({ given, ...change, ...model })];
    expect(other.inputs).not.toEqual(one.inputs);
    expect(other.inputId).toBe(one.inputId);
    const mutant = mutants[name] as CompiledProgram;
    expect(await solve(mutant, one)).toEqual(one.outputs);
    expect(await solve(mutant, other)).toEqual(other.outputs);
    expect(forgeAnswer({ given, ...change }).inputId).not.toBe(forgeAnswer({ given }).inputId);
    expect(await solve(real, forgeAnswer({ given, ...change }))).toHaveLength(3);
  });
});

describe('a segment', () => {
  const instance = testWellFormed([4, 3, 2], { blocksPerProof: 2 });
  const { slotFields } = wellFormedLayout(instance);
  expect(slotFields).toEqual([1, 1]);
  const slotsB = { binding: [0], blinder: [1], 'weights of slot 0': [2], 'weights of slot 1': [3] };
  const hashA = '[b, mask_claim, blinder]';
  const edits: Record<string, SourceEdit> = {
    ...Object.fromEntries(Object.entries(slotsB).map(([name, slots]) => [name, zeroed('B', slots)])),
    'b in a': { file: 'main.nr', from: hashA, to: '[0, mask_claim, blinder]' },
    eR: { file: 'main.nr', from: hashA, to: '[b, 0, blinder]' },
    'blinder in a': { file: 'main.nr', from: hashA, to: '[b, mask_claim, 0]' },
  };
  let real: CompiledProgram;
  let mutants: Record<string, CompiledProgram>;
  let given: WellFormedCase;

  beforeAll(async () => {
    real = (await wellFormedArtifactsOf(instance)).program;
    mutants = await compileMutants(instance, Object.fromEntries(Object.entries(edits).map(([name, edit]) => [name, [edit]])));
    given = await wellFormedCase(instance, 'absorbed segment');
  });

  const changeWeight =
    (t: number): NonNullable<ForgeWeightsParameters['weights']> =>
    (honest) =>
      honest.map((slot, i) => (i === t ? slot.with(4, 1n - (slot[4] as bigint)) : slot));

  test.each<[string, Partial<ForgeWeightsParameters>, Partial<ForgeWeightsParameters>, 'B' | 'A', readonly number[], readonly number[]]>([
    ['binding', {}, { binding: 77n }, 'B', slotsB.binding, [0, 1, 2]],
    ['blinder', {}, { blinder: 1n }, 'B', slotsB.blinder, [0]],
    ['weights of slot 0', {}, { weights: changeWeight(0) }, 'B', slotsB['weights of slot 0'], [0, 1]],
    ['weights of slot 1', {}, { weights: changeWeight(1) }, 'B', slotsB['weights of slot 1'], [0, 1]],
    ['b in a', { mask: constantMask(5n) }, { mask: constantMask(5n), binding: 77n }, 'A', [0], [1]],
    ['eR', {}, { mask: constantMask(3n) }, 'A', [1], [1]],
  ])('%s: the same challenge for another', async (name, one, other, hash, slots, places) => {
    const model = hash === 'B' ? { absorbedB: without(slots) } : { absorbedA: without(slots) };
    await expectUnbound(
      [real, mutants[name] as CompiledProgram],
      [forgeWeights({ given, ...one, ...model }), forgeWeights({ given, ...other, ...model })],
      [forgeWeights({ given, ...one }), forgeWeights({ given, ...other })],
      places,
    );
  });

  test('blinder in a: without it, a guess of the weights can be checked against the public outputs', async () => {
    const guessed = ([b, a, claim]: readonly bigint[]): bigint => {
      const values = given.weights.map((layer) =>
        evaluate(
          Array.from(layer, (w) => mod(BigInt(w))),
          b as bigint,
        ),
      );
      const rho = pow(a as bigint, 65536n);
      const eR = mod(((claim as bigint) - evaluate(values, rho)) * inv(pow(rho, 2n)));
      return given.p2.sponge(spongeTags.transcriptA, [b as bigint, eR, 0n]);
    };
    const leaky = await solve(mutants['blinder in a'] as CompiledProgram, forgeWeights({ given, absorbedA: without([2]) }));
    expect(guessed(leaky)).toBe(leaky[1]);
    const sound = await solve(real, forgeWeights({ given }));
    expect(guessed(sound)).not.toBe(sound[1]);
  });
});
