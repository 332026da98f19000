import { beforeAll, describe, expect, test } from 'vitest';
import { circomTranscript } from '../../src/commitment/circomTranscript.ts';
import { mod, pow } from '../../src/commitment/field.ts';
import { pack } from '../../src/commitment/packing.ts';
import { loadPoseidon2, type Poseidon2, spongeTags } from '../../src/commitment/poseidon2.ts';
import { assembleCircomInference, type CircomInferenceParameters } from '../../src/proof/circom/circomWitness.ts';
import { circomInferenceLayout } from '../../src/proof/circom/inferenceCircuit.ts';
import type { CircomInputs } from '../../src/proof/circom/witnessCalculator.ts';
import { evaluate } from '../../src/proof/windowWitness.ts';
import { forwardPass } from '../../src/quant/forwardPass.ts';
import { type CircomSystem, circomCase, circomInstance, sourcesOf, systemOf } from '../utils/circomFixture.ts';
import { codeOf } from '../utils/codeOf.ts';
import { solveLinear } from '../utils/windowForgery.ts';

// No item of a circom answer's hashes is absorbed for show: dropped from its hash, the forgery that it stands against passes. One circuit for all of
// them: what it absorbs are the items times an input, 1 for those that are kept.

const instance = circomInstance([4, 3, 2]);
const { outputWords, transcriptA, transcriptB, zBits } = circomInferenceLayout(instance);
expect([outputWords, transcriptB, transcriptA]).toEqual([1, 6, 12]);
const slots = {
  binding: ['B', [0]],
  inputId: ['B', [1]],
  outputs: ['B', [2]],
  blinder: ['B', [3]],
  'z of layer 0': ['B', [4]],
  'z of layer 1': ['B', [5]],
  'b in a': ['A', [0]],
  'y of layer 0': ['A', [1, 2, 3, 4, 5]],
  'y of layer 1': ['A', [6, 7, 8, 9]],
  eR: ['A', [10]],
  'blinder in a': ['A', [11]],
  features: ['Id', [0]],
  salt: ['Id', [1]],
} as const;
type Name = keyof typeof slots;

/** Items that are dropped, by hash. */
type Dropped = Readonly<Partial<Record<'A' | 'B' | 'Id', readonly number[]>>>;
const droppedBy = (name: Name): Dropped => ({ [slots[name][0]]: slots[name][1] });
const ones = (length: number, dropped: readonly number[] = []): bigint[] =>
  Array.from({ length }, (_, i) => (dropped.includes(i) ? 0n : 1n));

let system: CircomSystem;
let given: CircomInferenceParameters;
let p2: Poseidon2;

beforeAll(async () => {
  const sources = await sourcesOf(instance);
  const main = (sources['main.circom'] as string)
    .replace(/(transcript[AB])\[([^\]]+)\] <== (.*);/g, '$1[$2] <== keep_$1[$2] * $3;')
    .replace('InputId(4, 4)(features, salt)', 'InputId(4, 4)(features, salt, keep_id)')
    .replace('outputs[0] === answer;', 'keep_answer * (outputs[0] - answer) === 0;')
    .replace(
      'signal input maskClaim;',
      `signal input maskClaim;\n  signal input keep_transcriptA[${transcriptA}];\n  signal input keep_transcriptB[${transcriptB}];\n  signal input keep_id[2];\n  signal input keep_answer;`,
    );
  expect(main.match(/keep_/g)).toHaveLength(4 + 2 + (4 + 2) + (3 + 2));
  const library = (sources['lib/inference.circom'] as string)
    .replace('signal input salt;', 'signal input salt;\n  signal input keep[2];')
    .replace('items[f] <== packed[f];', 'items[f] <== keep[0] * packed[f];')
    .replace('<== salt;', '<== keep[1] * salt;');
  system = await systemOf('test-absorbed', { ...sources, 'main.circom': main, 'lib/inference.circom': library });
  given = await circomCase({ instance, label: 'absorbed', hidden: [60, -3, 127] });
  p2 = await loadPoseidon2();
}, 180_000);

type Lie = Partial<CircomInferenceParameters> & {
  /** z of every layer, where they are not those of weights and features. */
  readonly z?: readonly Float64Array[];
  readonly answer?: number;
  readonly maskClaim?: bigint;
  readonly sketches?: (honest: readonly (readonly bigint[])[], b: bigint) => readonly (readonly bigint[])[];
};
type Made = { readonly inputs: CircomInputs; readonly b: bigint; readonly a: bigint; readonly inputId: bigint };

/** A prover's inputs for the circuit that drops items: everything after a lie redone. */
function forge({ z, answer, maskClaim, sketches, ...changed }: Lie, dropped: Dropped): Made {
  const parameters = { ...given, ...changed };
  const { features, weights, salt, blinder, binding } = parameters;
  const passes = forwardPass(instance.spec, instance.sizes, weights, features).map((pass) => pass.z);
  const told = z ?? passes;
  const last = told.at(-1) as Float64Array;
  const said = answer ?? last.indexOf(Math.max(...last));
  const { inputs } = assembleCircomInference(p2, parameters, told, [said]);
  const keepId = ones(2, dropped.Id);
  const keepB = ones(transcriptB, dropped.B);
  const keepA = ones(transcriptA, dropped.A);
  const times = (items: readonly bigint[], keep: readonly bigint[]): bigint[] => items.map((item, i) => mod(item * (keep[i] as bigint)));
  const inputId = p2.sponge(spongeTags.input, [
    ...times(pack(features, instance.spec.fx), [keepId[0] as bigint]),
    mod(salt * (keepId[1] as bigint)),
  ]);
  const packed = told.flatMap((layer, l) =>
    pack(
      Array.from(layer, (value) => value + 2 ** ((zBits[l] as number) - 1)),
      zBits[l] as number,
    ),
  );
  const b = circomTranscript(spongeTags.transcriptB, times([binding, inputId, BigInt(said), blinder, ...packed], keepB));
  const honest = weights.map((layer, l) => {
    const columns = instance.sizes[l + 1] as number;
    return Array.from({ length: layer.length / columns }, (_, i) =>
      evaluate(
        Array.from((layer as Int32Array).subarray(i * columns, (i + 1) * columns), (w) => mod(BigInt(w))),
        b,
      ),
    );
  });
  const y = sketches?.(honest, b) ?? honest;
  const eR = maskClaim ?? 9n;
  const a = circomTranscript(spongeTags.transcriptA, times([b, ...y.flat(), eR, blinder], keepA));
  const claim = evaluate([...y.map((rows) => evaluate(rows, a)), eR], pow(a, 65536n));
  return {
    inputs: {
      ...inputs,
      inputId: [inputId],
      b: [b],
      a: [a],
      claim: [claim],
      y0: y[0] as bigint[],
      y1: y[1] as bigint[],
      maskClaim: [eR],
      keep_transcriptA: keepA,
      keep_transcriptB: keepB,
      keep_id: keepId,
      keep_answer: [answer === undefined ? 1n : 0n],
    },
    b,
    a,
    inputId,
  };
}

/** Two witnesses that the circuit without an item gives the same challenge, and the one with it another. */
function expectUnbound(name: Name, lie: Lie, challenge: 'a' | 'b' | 'inputId', truth: Lie = {}, also: Dropped = {}): void {
  const pair = (dropped: Dropped): [Made, Made] => {
    const made = [forge(truth, dropped), forge(lie, dropped)] as [Made, Made];
    for (const { inputs } of made) system.solve(inputs);
    return made;
  };
  const [first, second] = pair({ ...also, ...droppedBy(name) });
  expect(second.inputs).not.toEqual(first.inputs);
  expect(second[challenge]).toBe(first[challenge]);
  const [owned, foreign] = pair(also);
  expect(foreign[challenge]).not.toBe(owned[challenge]);
}

describe('absorbed for b', () => {
  test('binding: one proof for another context, checkpoint or mask', () => {
    expectUnbound('binding', { binding: 77n }, 'b');
  });

  test('inputId: one proof for another commitment', () => {
    expectUnbound('inputId', { salt: 78n }, 'b');
  });

  test('outputs: any answer, once it is not compared either', async () => {
    const answer = 1 - Number((forge({}, {}).inputs['outputs'] as readonly bigint[])[0]);
    expectUnbound('outputs', { answer }, 'b');
    const compared = { ...forge({ answer }, droppedBy('outputs')).inputs, keep_answer: [1n] };
    expect(await codeOf(() => system.solve(compared))).toBe('WITNESS_UNSATISFIED');
  });

  test('blinder: without it, b is a digest of values that can be guessed', () => {
    expectUnbound('blinder', { blinder: 1n }, 'b');
  });

  test.each([0, 1])('z of layer %i: false values chosen once b is known', (l) => {
    const z = forwardPass(instance.spec, instance.sizes, given.weights, given.features).map((pass) => pass.z);
    // All logits one more: the same answer. One sum more in a layer below: its floor is the same.
    const lied = z.map((layer, k) => (k === l ? layer.map((value, j) => value + (l === 1 || j === 0 ? 1 : 0)) : layer));
    const sketches: Lie['sketches'] = (honest, b) => {
      const inputs = [
        Array.from(given.features, BigInt),
        forwardPass(instance.spec, instance.sizes, given.weights, given.features)[0]?.outputs ?? [],
      ];
      return honest.map((y, k) => {
        if (k !== l) return y;
        // The bias row takes what the other rows do not: Freivalds holds.
        const row = [...Array.from(inputs[k] as ArrayLike<number | bigint>, BigInt), BigInt(2 ** instance.spec.fa)];
        const told = evaluate(
          Array.from(lied[k] as Float64Array, (value) => mod(BigInt(value))),
          b,
        );
        return solveLinear([row], [told]) as bigint[];
      });
    };
    expectUnbound(`z of layer ${l}` as Name, { z: lied, sketches }, 'b');
  });
});

describe('absorbed for a', () => {
  test('b in a: sketches chosen for two b at once', () => {
    const other: Lie = { features: given.features.length === 4 ? Uint8Array.from(given.features, (x) => 15 - x) : given.features };
    const cases: Lie[] = [{}, other];
    // b does not depend on the sketches: they are solved for both.
    const known = cases.map((one) => ({
      ...forge(one, {}),
      passes: forwardPass(instance.spec, instance.sizes, given.weights, one.features ?? given.features),
    }));
    const y = [0, 1].map(
      (l) =>
        solveLinear(
          cases.map((one, i) => [
            ...Array.from(l === 0 ? (one.features ?? given.features) : (known[i]?.passes[0]?.outputs as ArrayLike<number>), (x) =>
              BigInt(x),
            ),
            BigInt(2 ** instance.spec.fa),
          ]),
          known.map(({ b, passes }) =>
            evaluate(
              Array.from(passes[l]?.z as Float64Array, (value) => mod(BigInt(value))),
              b,
            ),
          ),
        ) as bigint[],
    );
    expectUnbound('b in a', { ...other, sketches: () => y }, 'a', { sketches: () => y });
  });

  test.each([0, 1])('y of layer %i: other sketches once a is known', (l) => {
    const outputs = forwardPass(instance.spec, instance.sizes, given.weights, given.features)[0]?.outputs as ArrayLike<number>;
    const seen = [...Array.from(l === 0 ? given.features : outputs, (x) => BigInt(x)), BigInt(2 ** instance.spec.fa)];
    const [x0, x1] = seen.slice(-2) as [bigint, bigint];
    // Orthogonal to what the layer sees: Freivalds still holds.
    const sketches: Lie['sketches'] = (honest) =>
      honest.map((y, k) => (k === l ? [...y.slice(0, -2), mod((y.at(-2) as bigint) + x1), mod((y.at(-1) as bigint) - x0)] : y));
    expectUnbound(`y of layer ${l}` as Name, { sketches }, 'a');
  });

  test('eR: another claim of the mask once a is known', () => {
    expectUnbound('eR', { maskClaim: 3n }, 'a');
  });

  test('blinder in a: without it, all that a is drawn from follows from a guess of the weights and E', () => {
    // b has a blinder of its own, which is dropped on both sides.
    expectUnbound('blinder in a', { blinder: 1n }, 'a', {}, droppedBy('blinder'));
  });
});

describe('absorbed by the commitment to the input', () => {
  test.each<[Name, Lie]>([
    ['features', { features: Uint8Array.from([1, 2, 3, 4]) }],
    ['salt', { salt: 79n }],
  ])('%s: others under the same commitment', (name, lie) => {
    expectUnbound(name, lie, 'inputId');
  });
});

test('every item is dropped once', () => {
  const of = (hash: 'A' | 'B' | 'Id'): number[] =>
    Object.values(slots)
      .flatMap(([by, items]) => (by === hash ? [...items] : []))
      .sort((x, y) => x - y);
  expect(of('B')).toEqual(Array.from({ length: transcriptB }, (_, i) => i));
  expect(of('A')).toEqual(Array.from({ length: transcriptA }, (_, i) => i));
  expect(of('Id')).toEqual([0, 1]);
});
