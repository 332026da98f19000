import { beforeAll, describe, expect, test } from 'vitest';
import { circomTranscript } from '../../src/commitment/circomTranscript.ts';
import { mod, pow, R } from '../../src/commitment/field.ts';
import { loadPoseidon2, type Poseidon2, spongeTags } from '../../src/commitment/poseidon2.ts';
import {
  assembleCircomInference,
  type CircomInferenceParameters,
  type CircomInferenceWitness,
} from '../../src/proof/circom/circomWitness.ts';
import { circomInferenceLayout } from '../../src/proof/circom/inferenceCircuit.ts';
import type { CircomInputs } from '../../src/proof/circom/witnessCalculator.ts';
import { evaluate } from '../../src/proof/windowWitness.ts';
import { forwardPass } from '../../src/quant/forwardPass.ts';
import { weightBits } from '../../src/quant/spec.ts';
import {
  type CircomSystem,
  circomCase,
  circomInstance,
  circomProgramOf,
  circomSystem,
  dishonestProver,
  sourcesOf,
} from '../utils/circomFixture.ts';
import { violatedBy, wiresOf } from '../utils/circomR1cs.ts';
import { codeOf } from '../utils/codeOf.ts';

// Lies with everything after them redone, as a prover would who owns the whole witness: no assertion stops it. Each breaks the constraints named,
// and no others; so without those constraints the same witness would be accepted.

type Prover = (inputs: CircomInputs) => bigint[];
type Patch = { readonly file: string; readonly from: string; readonly to: string };
type Case = CircomInferenceParameters & { readonly built: CircomInferenceWitness };

const edges = [-2, -1, 0, 1, 126, 127, 128, 129];
const instance = circomInstance([4, edges.length, 3]);
const { spec, sizes } = instance;
const fw = weightBits(spec);
const top = 2 ** spec.actBits - 1;
const [activation, logit] = [/Activation#0\[\d+\]/, /OutputLayer#0/];

let p2: Poseidon2;
let system: CircomSystem;
let honest: Case;
/** Carries lies in the inputs through; tells no other lie. */
let prove: Prover;

beforeAll(async () => {
  p2 = await loadPoseidon2();
  system = await circomSystem(await circomProgramOf(instance));
  honest = await circomCase({ instance, label: 'forgeries', hidden: edges });
  prove = await dishonestProver(system, await sourcesOf(instance));
});

/** For each broken constraint, the component of the circuit that speaks in it, as named by `parts`; its wires where none does. */
function broken(witness: readonly bigint[], parts: readonly RegExp[]): string[] {
  const found = violatedBy(system.r1cs, witness).map((index) => {
    const names = wiresOf(system.r1cs.constraints[index] as never).flatMap((wire) => system.names[wire] as string[]);
    for (const part of parts) {
      const match = names.flatMap((name) => part.exec(name)?.[0] ?? []);
      if (match.length > 0) return [...new Set(match)].sort().join(' ');
    }
    return names.join(' ');
  });
  return [...new Set(found)].sort();
}

const lyingProver = async (...patches: Patch[]): Promise<Prover> => dishonestProver(system, await sourcesOf(instance), patches);

/** z of every layer, with `lie` told about the activations. */
function layersWith(lie: (activations: readonly number[]) => readonly number[]): Float64Array[] {
  const passes = forwardPass(spec, sizes, honest.weights, honest.features);
  const told = lie([...(passes[0] as { outputs: Float64Array }).outputs]);
  const m = sizes[2] as number;
  const layer = honest.weights[1] as Int32Array;
  const last = Float64Array.from({ length: m }, (_, j) =>
    [...told, 2 ** spec.fa].reduce((sum, a, i) => sum + a * (layer[i * m + j] as number), 0),
  );
  return [(passes[0] as { z: Float64Array }).z, last];
}

const firstOf = (values: ArrayLike<number>): number => Array.from(values).indexOf(Math.max(...Array.from(values)));
const assembled = (
  z: readonly ArrayLike<number>[],
  answer = firstOf(z.at(-1) as ArrayLike<number>),
  parameters: CircomInferenceParameters = honest,
) => assembleCircomInference(p2, parameters, z, [answer]);
const neurons = (indices: readonly number[]): string[] => indices.map((j) => `Activation#0[${j}]`).sort();
const all = edges.map((_, j) => j);

test('a prover who tells no lie is believed', () => {
  expect(prove(honest.built.inputs)).toEqual(system.solve(honest.built.inputs));
  expect(broken(prove(assembled(layersWith((a) => a)).inputs), [])).toEqual([]);
  // The neurons stand where they were put.
  const { outputs } = forwardPass(spec, sizes, honest.weights, honest.features)[0] as { outputs: Float64Array };
  expect([...outputs]).toEqual(edges.map((f) => Math.max(0, Math.min(top, f))));
});

describe('activations', () => {
  const out = '  out <-- high == 0 ? low : edge;';
  const file = 'lib/fixed.circom';
  test.each<[string, string, (a: readonly number[]) => number[], number[]]>([
    ['one more, at and beside every edge', '  out <-- (high == 0 ? low : edge) + 1;', (a) => a.map((x) => x + 1), all],
    ['one less', '  out <-- (high == 0 ? low : edge) - 1;', (a) => a.map((x) => x - 1), all],
    [
      'not clipped above',
      '  out <-- high == 0 ? low : edge * (low + 2 ** actBits * high) / (2 ** actBits - 1);',
      (a) => a.map((x, j) => (x === top ? (edges[j] as number) : x)),
      [6, 7],
    ],
    [
      'not clipped below',
      '  out <-- low + 2 ** actBits * high * (1 - bit[top]);',
      (a) =>
        a.map((x, j) =>
          (edges[j] as number) < 0 ? (edges[j] as number) : (edges[j] as number) > top ? (edges[j] as number) - top - 1 : x,
        ),
      [0, 1, 6, 7],
    ],
    ['cut instead of clipped', '  out <-- low;', (a) => a.map((_, j) => (edges[j] as number) & top), [0, 1, 6, 7]],
    [
      '0 inside',
      '  out <-- high == 0 ? 0 : edge;',
      (a) => a.map((x) => (x === top ? x : 0)).map((x, j) => (edges[j] === top ? 0 : x)),
      [3, 4, 5],
    ],
    [
      'at the upper edge below the range',
      '  out <-- high == 0 ? low : 2 ** actBits - 1;',
      (a) => a.map((x, j) => ((edges[j] as number) < 0 ? top : x)),
      [0, 1],
    ],
  ])('%s', async (_what, to, lie, liars) => {
    const lying = await lyingProver({ file, from: out, to });
    const { inputs } = assembled(layersWith(lie));
    expect(broken(lying(inputs), [activation])).toEqual(neurons(liars));
    // A prover who does not lie to the circuit as well breaks the product instead.
    expect(broken(prove(inputs), [/AssertProduct#1/])).toEqual(['AssertProduct#1']);
  });

  test('a quotient one larger, its remainder 2^Fw less', async () => {
    // Digits that are no bits, with the right sum.
    const bits = '    out[i] <-- (in >> i) & 1;';
    const digits = `    out[i] <-- ((in >> i) & 1) + (k > ${fw} ? (i == ${fw} ? 1 : 0) - (i == ${fw - 1} ? 2 : 0) : 0);`;
    const lying = await lyingProver({ file: 'lib/packing.circom', from: bits, to: digits });
    const inside = all.filter((j) => (edges[j] as number) >= 0 && (edges[j] as number) < top && (edges[j] as number) % 2 === 0);
    expect(inside.length).toBeGreaterThan(1);
    // The digit of an odd quotient is then 2: one more all the same.
    const { inputs } = assembled(
      layersWith((a) => a.map((x, j) => ((edges[j] as number) >= 0 && (edges[j] as number) <= top ? x + 1 : x))),
    );
    const found = broken(lying(inputs), [activation, logit, /Argmax#0/]);
    expect(found).toEqual([...neurons(all), 'Argmax#0', 'OutputLayer#0'].sort());
  });
});

describe('answers', () => {
  const flat = circomInstance([4, 3]);
  let own: CircomSystem;
  beforeAll(async () => {
    own = await circomSystem(await circomProgramOf(flat));
  });

  /** One layer whose logits are exactly these, and what a prover says who claims another class. */
  async function claim(logits: readonly number[], said: number, hot = said): Promise<{ accepted: boolean; parts: string[] }> {
    const weights = [Int32Array.from([...logits, ...Array.from({ length: 12 }, () => 0)])];
    const features = Uint8Array.from([1, 0, 0, 0]);
    const parameters = { ...honest, instance: flat, weights, features };
    const { z } = forwardPass(spec, flat.sizes, weights, features)[0] as { z: Float64Array };
    expect([...z]).toEqual(logits);
    const lying = await dishonestProver(own, await sourcesOf(flat), [
      { file: 'lib/argmax.circom', from: '    hot[j] <-- j == best ? 1 : 0;', to: `    hot[j] <-- j == ${hot} ? 1 : 0;` },
      { file: 'lib/argmax.circom', from: '  largest <-- in[best];', to: `  largest <-- in[${hot}];` },
    ]);
    const witness = lying(assembled([z], said, parameters).inputs);
    const violated = violatedBy(own.r1cs, witness);
    const names = violated.flatMap((index) => wiresOf(own.r1cs.constraints[index] as never).flatMap((wire) => own.names[wire] as string[]));
    return { accepted: violated.length === 0, parts: [...new Set(names.flatMap((name) => /Argmax#0\.\w+/.exec(name)?.[0] ?? []))].sort() };
  }

  test('the largest, and of equal ones the first: a class beside it by one is refused', async () => {
    expect((await claim([5, 9, 7], 1)).accepted).toBe(true);
    expect((await claim([9, 9, 9], 0)).accepted).toBe(true);
    expect((await claim([-9, -9, -12], 0)).accepted).toBe(true);
    for (const [logits, said] of [
      [[9, 9, 3], 1],
      [[9, 3, 9], 2],
      [[-9, -12, -9], 2],
      [[9, 8, 3], 1],
      [[8, 9, 3], 0],
      [[3, 8, 9], 1],
      [[9, 9, 9], 2],
    ] as const) {
      const { accepted, parts } = await claim(logits, said);
      expect(accepted).toBe(false);
      expect(parts).toContain('Argmax#0.gap');
    }
  });

  test('another class than the flags say is refused', async () => {
    expect((await claim([5, 9, 7], 2, 1)).accepted).toBe(false);
    expect((await claim([5, 9, 7], 0, 1)).accepted).toBe(false);
    // No class at all.
    expect((await claim([5, 9, 7], 255, 1)).accepted).toBe(false);
  });

  test('a logit one larger, with everything after it redone', () => {
    const z = layersWith((a) => a);
    const last = (z[1] as Float64Array).map((value, j) => value + (j === 1 ? 1 : 0));
    expect(broken(prove(assembled([z[0] as Float64Array, last]).inputs), [/AssertProduct#\d/])).toEqual(['AssertProduct#1']);
    const first = (z[0] as Float64Array).map((value, j) => value + (j === 3 ? 1 : 0));
    expect(broken(prove(assembled([first, z[1] as Float64Array]).inputs), [/AssertProduct#\d/])).toEqual(['AssertProduct#0']);
  });

  test('a logit beyond its width, whose packing is that of another pair', async () => {
    const z = layersWith((a) => a);
    const { inputs } = assembled(z);
    const [one, two, ...rest] = inputs['logits0'] as [bigint, bigint, ...bigint[]];
    const width = circomInferenceLayout(instance).zBits[0] as number;
    // The same packed element, so the same b.
    const moved = [one + (1n << BigInt(width)), two - 1n, ...rest];
    const element = (values: readonly bigint[]): bigint => evaluate(values.slice(0, Math.floor(252 / width)), 1n << BigInt(width));
    expect(element(moved)).toBe(element([one, two, ...rest]));
    const parts = broken(prove({ ...inputs, logits0: moved }), [activation, /AssertProduct#\d/]);
    expect(parts).toEqual(['Activation#0[0]', 'AssertProduct#0']);
  });
});

describe('input', () => {
  test('a feature of 2^fx, whose packing is that of another input', () => {
    const features = Uint8Array.from([0, 1, 5, 7]);
    const twin = [16, 0, 5, 7];
    const m = sizes[1] as number;
    const layer = honest.weights[0] as Int32Array;
    const z0 = Float64Array.from({ length: m }, (_, j) =>
      [...twin, 2 ** spec.fa].reduce((sum, x, i) => sum + x * (layer[i * m + j] as number), 0),
    );
    const upper = honest.weights[1] as Int32Array;
    const classes = sizes[2] as number;
    const a = [...z0].map((value) => Math.max(0, Math.min(top, Math.floor(value / 2 ** fw))));
    const z1 = Float64Array.from({ length: classes }, (_, j) =>
      [...a, 2 ** spec.fa].reduce((sum, x, i) => sum + x * (upper[i * classes + j] as number), 0),
    );
    const { inputs } = assembled([z0, z1], undefined, { ...honest, features });
    const witness = prove({ ...inputs, features: twin.map(BigInt) });
    expect(broken(witness, [/InputId#0\.bit\[\d\]/])).toEqual(['InputId#0.bit[0]']);
    // With its own features the answer to them is accepted: what is refused above is the feature.
    const own = forwardPass(spec, sizes, honest.weights, features).map(({ z }) => z);
    expect(broken(prove(assembled(own, undefined, { ...honest, features }).inputs), [])).toEqual([]);
  });

  test('another input, or another salt, than the one committed', () => {
    const { inputs } = honest.built;
    const features = [...(inputs['features'] as readonly bigint[])];
    features[2] = ((features[2] as bigint) + 1n) % 16n;
    expect(violatedBy(system.r1cs, prove({ ...inputs, features })).length).toBeGreaterThan(0);
    expect(
      violatedBy(system.r1cs, prove({ ...inputs, salt: [mod((inputs['salt'] as readonly bigint[])[0] as bigint) + 1n] })).length,
    ).toBeGreaterThan(0);
    expect(violatedBy(system.r1cs, prove(inputs))).toEqual([]);
  });
});

describe('transcript and claims', () => {
  const one = (inputs: CircomInputs, name: string): bigint => (inputs[name] as readonly bigint[])[0] as bigint;

  /** The challenge a and the claim drawn again after an edit of what comes after b. */
  function redrawn(inputs: CircomInputs): CircomInputs {
    const y = [inputs['y0'], inputs['y1']] as (readonly bigint[])[];
    const eR = one(inputs, 'maskClaim');
    const a = circomTranscript(spongeTags.transcriptA, [one(inputs, 'b'), ...y.flat(), eR, one(inputs, 'blinder')]);
    return { ...inputs, a: [a], claim: [evaluate([...y.map((rows) => evaluate(rows, a)), eR], pow(a, 65536n))] };
  }
  const plus = (values: readonly bigint[] | undefined, index: number, change: bigint): bigint[] =>
    (values as readonly bigint[]).map((value, i) => (i === index ? mod(value + change) : value));
  const violated = (inputs: CircomInputs): number => violatedBy(system.r1cs, prove(inputs)).length;

  test.each(['binding', 'inputId', 'outputs', 'b', 'a', 'claim', 'salt', 'blinder', 'maskClaim'])('%s edited alone', (name) => {
    const { inputs } = honest.built;
    for (const change of [1n, -1n]) expect(violated({ ...inputs, [name]: plus(inputs[name], 0, change) })).toBeGreaterThan(0);
    expect(violated(inputs)).toBe(0);
  });

  test('a row of a sketch, with and without a drawn again', () => {
    const { inputs } = honest.built;
    for (const name of ['y0', 'y1']) {
      // The bias row: its input is never 0.
      const edited = { ...inputs, [name]: plus(inputs[name], (inputs[name] as readonly bigint[]).length - 1, 1n) };
      expect(violated(edited)).toBeGreaterThan(0);
      expect(broken(prove(redrawn(edited)), [/AssertProduct#\d/])).toEqual([`AssertProduct#${name.slice(1)}`]);
    }
  });

  test('rows that keep the product, the claim of the mask, the blinder: the circuit takes them, and the claim is another', () => {
    const { inputs } = honest.built;
    const features = inputs['features'] as readonly bigint[];
    const [i, k] = features.flatMap((x, index) => (x > 0n ? [index] : [])) as [number, number];
    const rows = plus(plus(inputs['y0'], i, features[k] as bigint), k, -(features[i] as bigint));
    const lies: CircomInputs[] = [
      { ...inputs, y0: rows },
      { ...inputs, maskClaim: plus(inputs['maskClaim'], 0, 1n) },
    ];
    for (const lie of lies) {
      expect(violated(lie)).toBeGreaterThan(0);
      const told = redrawn(lie);
      expect(violated(told)).toBe(0);
      // What the opening is asked to prove is not what the committed weights and mask give at these challenges.
      const [a, rho] = [one(told, 'a'), pow(one(told, 'a'), 65536n)];
      const truth = evaluate(
        [...(['y0', 'y1'] as const).map((name) => evaluate(inputs[name] as readonly bigint[], a)), one(inputs, 'maskClaim')],
        rho,
      );
      expect(one(told, 'claim')).not.toBe(truth);
    }
    // Another blinder, with everything redone, is another honest proof.
    const blinded = assembled(
      layersWith((a) => a),
      undefined,
      { ...honest, blinder: 5n },
    );
    expect(violated(blinded.inputs)).toBe(0);
    expect(blinded.outputs[0]).not.toBe(honest.built.outputs[0]);
    expect(violated({ ...inputs, blinder: [5n] })).toBeGreaterThan(0);
  });

  test('no input is taken modulo r', async () => {
    const { inputs } = honest.built;
    expect(await codeOf(() => prove({ ...inputs, salt: [one(inputs, 'salt') + R] }))).toBe('WITNESS_INPUTS');
  });
});
