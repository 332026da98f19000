import { mod, pow } from '../../src/commitment/field.ts';
import { spongeTags } from '../../src/commitment/poseidon2.ts';
import type { InferenceInstance } from '../../src/proof/circuitInstance.ts';
import { noirInferenceLayout } from '../../src/proof/inference/noirCircuit.ts';
import { type CircuitInputs, evaluate, maskClaim } from '../../src/proof/windowWitness.ts';
import { weightBits } from '../../src/quant/spec.ts';
import type { InferenceCase } from './inferenceFixture.ts';
import { type ClipCells, packLoosely, solveLinear } from './windowForgery.ts';

// A model's owner that knows no honesty: it answers by rules of its own, and redoes transcript, sketches and claim, so that all that depends on a
// lie agrees with it. All numbers are bigint; what leaves its range is not stopped here.

/** Place of a neuron: layer, sample, neuron. */
export type NeuronPlace = { readonly l: number; readonly s: number; readonly j: number };

export type ForgedAnswerTrace = {
  /** inputs[l][s]: what layer l sees, its bias last. */
  readonly inputs: readonly (readonly (readonly bigint[])[])[];
  /** z[l][s], without its offset. */
  readonly z: readonly (readonly (readonly bigint[])[])[];
};

export type ForgeAnswerParameters = {
  readonly given: InferenceCase;
  readonly binding?: bigint;
  readonly salt?: bigint;
  readonly blinder?: bigint;
  readonly mask?: readonly bigint[];
  readonly features?: (honest: readonly bigint[]) => readonly bigint[];
  /** Another clip of quotient f; undefined leaves the neuron honest. */
  readonly clip?: (place: NeuronPlace, f: bigint, honest: ClipCells) => ClipCells | undefined;
  /** Another z of the last layer. */
  readonly logits?: (s: number, honest: readonly bigint[]) => readonly bigint[];
  readonly oneHot?: (s: number, honest: readonly bigint[], logits: readonly bigint[]) => readonly bigint[];
  /** What the statement says of input and answers. */
  readonly inputId?: (honest: bigint) => bigint;
  readonly words?: (honest: readonly bigint[]) => readonly bigint[];
  /** The sketches, once b is known. */
  readonly sketches?: (honest: readonly (readonly bigint[])[], b: bigint, trace: ForgedAnswerTrace) => readonly (readonly bigint[])[];
  /** What the challenges are drawn from, where the circuit at hand absorbs less. */
  readonly absorbedId?: (items: readonly bigint[]) => readonly bigint[];
  readonly absorbedB?: (items: readonly bigint[]) => readonly bigint[];
  readonly absorbedA?: (items: readonly bigint[]) => readonly bigint[];
};

export type ForgedAnswer = {
  readonly inputs: CircuitInputs;
  readonly trace: ForgedAnswerTrace;
  /** b, a, E as the forger computes them. */
  readonly outputs: readonly [bigint, bigint, bigint];
  /** The E that an opening of checkpoint and mask gives at this a and b. */
  readonly opened: bigint;
  readonly inputId: bigint;
  readonly words: readonly bigint[];
  /** Neurons, answers or words that were changed. */
  readonly changes: number;
};

const hex = (x: bigint): string => `0x${mod(x).toString(16)}`;

/** Answers and builds a witness by the forger's rules. */
export function forgeAnswer(parameters: ForgeAnswerParameters): ForgedAnswer {
  const { given } = parameters;
  const { p2, instance } = given;
  const { sizes, spec, inputs: samples, output } = instance;
  const layout = noirInferenceLayout(instance);
  const last = sizes.length - 2;
  const size = (l: number): number => sizes[l] as number;
  const layers = Array.from({ length: last + 1 }, (_, l) => l);
  const fw = BigInt(weightBits(spec));
  const top = (1n << BigInt(spec.actBits)) - 1n;
  const bias = 1n << BigInt(spec.fa);
  const offset = (l: number): bigint => 1n << BigInt((layout.zBits[l] as number) - 1);
  const weight = (l: number, i: number, j: number): bigint => BigInt((given.weights[l] as Int32Array)[i * size(l + 1) + j] as number);
  let changes = 0;
  const changed = <T>(honest: T, forged: T | undefined): T => {
    if (forged === undefined || JSON.stringify(forged, text) === JSON.stringify(honest, text)) return honest;
    changes++;
    return forged;
  };

  const honestFeatures = Array.from(given.features, BigInt);
  const features = changed<readonly bigint[]>(honestFeatures, parameters.features?.(honestFeatures));
  const inputs: bigint[][][] = [Array.from({ length: samples }, (_, s) => [...features.slice(s * size(0), (s + 1) * size(0)), bias])];
  const z: bigint[][][] = [];
  const cells: ClipCells[][][] = [];
  for (const l of layers) {
    const products = (inputs[l] as bigint[][]).map((row) =>
      Array.from({ length: size(l + 1) }, (_, j) => row.reduce((sum, x, i) => sum + x * weight(l, i, j), 0n)),
    );
    if (l === last) {
      z.push(products.map((row, s) => [...changed<readonly bigint[]>(row, parameters.logits?.(s, row))]));
      break;
    }
    const clipped = products.map((row, s) =>
      row.map((value, j) => {
        const f = value >> fw;
        const c = f < 0n ? 0n : f > top ? top : f;
        const side = f === c ? 0n : f < c ? -1n : 1n;
        const honest: ClipCells = [c, side, f === c ? 0n : (f - c) * side - 1n, value - (f << fw)];
        return changed(honest, parameters.clip?.({ l, s, j }, f, honest));
      }),
    );
    cells.push(clipped);
    z.push(clipped.map((row) => row.map(([c, side, t, r]) => (c + side * (1n + t)) * (1n << fw) + r)));
    inputs.push(clipped.map((row) => [...row.map(([c]) => c), bias]));
  }
  const logits = z[last] as bigint[][];
  const oneHot = logits.map((row, s) => {
    const best = row.reduce((at, value, j) => (value > (row[at] as bigint) ? j : at), 0);
    const honest = row.map((_, j) => (j === best ? 1n : 0n));
    return changed<readonly bigint[]>(honest, parameters.oneHot?.(s, honest, row));
  });
  const shifted = z.map((layer, l) => layer.map((row) => row.map((value) => value + offset(l))));
  const packed = shifted.map((layer, l) => packLoosely(layer.flat(), layout.zBits[l] as number));
  const classes = oneHot.map((row) => row.reduce((sum, bit, j) => sum + bit * BigInt(j), 0n));
  const ownWords = output === 'class' ? packLoosely(classes, 8) : (packed[last] as bigint[]);
  const words = changed<readonly bigint[]>(ownWords, parameters.words?.(ownWords));
  const salt = parameters.salt ?? given.salt;
  const blinder = parameters.blinder ?? given.blinder;
  const binding = parameters.binding ?? given.binding;
  const idItems = [...packLoosely(features, spec.fx), salt];
  const ownId = p2.sponge(spongeTags.input, parameters.absorbedId?.(idItems) ?? idItems);
  const inputId = changed(ownId, parameters.inputId?.(ownId));
  const itemsB = [binding, inputId, ...words, blinder, ...packed.flat()];
  const b = p2.sponge(spongeTags.transcriptB, parameters.absorbedB?.(itemsB) ?? itemsB);

  const trace: ForgedAnswerTrace = { inputs, z };
  const honestY = layers.map((l) =>
    Array.from({ length: size(l) + 1 }, (_, i) =>
      evaluate(
        Array.from({ length: size(l + 1) }, (__, j) => mod(weight(l, i, j))),
        b,
      ),
    ),
  );
  const y = parameters.sketches?.(honestY, b, trace) ?? honestY;
  const eR = maskClaim(parameters.mask ?? given.mask, b);
  const itemsA = [b, ...y.flat(), eR, blinder];
  const a = p2.sponge(spongeTags.transcriptA, parameters.absorbedA?.(itemsA) ?? itemsA);
  const claimOf = (sketches: readonly (readonly bigint[])[]): bigint =>
    evaluate([...sketches.map((sketch) => evaluate(sketch, a)), eR], pow(a, 65536n));

  const shaped: CircuitInputs = {
    binding: hex(binding),
    input_id: hex(inputId),
    outputs: words.map(hex),
    blinder: hex(blinder),
    salt: hex(salt),
    features: Array.from({ length: samples }, (_, s) => features.slice(s * size(0), (s + 1) * size(0)).map(hex)),
    logits: (shifted[last] as bigint[][]).map((row) => row.map(hex)),
    mask_claim: hex(eR),
  };
  if (output === 'class') shaped['one_hot'] = oneHot.map((row) => row.map(hex));
  y.forEach((sketch, l) => {
    shaped[`y${l}`] = sketch.map(hex);
    if (l < last) shaped[`cells${l}`] = (cells[l] as ClipCells[][]).map((row) => row.map((cell) => cell.map(hex)));
  });
  return { inputs: shaped, trace, outputs: [b, a, claimOf(y)], opened: claimOf(honestY), inputId, words, changes };
}

/** Sketches under which every Freivalds equation of a trace holds at b, whatever the weights are. */
export function solvedAnswerSketches(instance: InferenceInstance, trace: ForgedAnswerTrace, b: bigint): bigint[][] {
  return instance.sizes.slice(1).map((_, l) => {
    const right = (trace.z[l] as readonly (readonly bigint[])[]).map((row) =>
      evaluate(
        row.map((value) => mod(value)),
        b,
      ),
    );
    const found = solveLinear(trace.inputs[l] as readonly (readonly bigint[])[], right);
    if (found === undefined) throw new Error('no sketches fit these values');
    return found;
  });
}

function text(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
