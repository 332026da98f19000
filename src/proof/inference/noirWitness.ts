import { pow, R } from '../../commitment/field.ts';
import { inputIdOf } from '../../commitment/ids.ts';
import type { Weights } from '../../commitment/kzg.ts';
import { pack } from '../../commitment/packing.ts';
import { type Poseidon2, spongeTags } from '../../commitment/poseidon2.ts';
import { AssayError } from '../../errors.ts';
import { firstLargest, forwardPass } from '../../quant/forwardPass.ts';
import { weightBits } from '../../quant/spec.ts';
import type { InferenceInstance } from '../circuitInstance.ts';
import { type CircuitInputs, evaluate, maskClaim, rowSketch } from '../windowWitness.ts';
import { noirInferenceLayout } from './noirCircuit.ts';

export type InferenceWitnessParameters = {
  readonly instance: InferenceInstance;
  /** The word that stands for context, checkpointId and maskId (`bindingOf`). */
  readonly binding: bigint;
  /** inputs x sizes[0] integers in [0, 2^fx), sample by sample. */
  readonly features: ArrayLike<number>;
  readonly weights: Weights;
  /** 16 random coefficients of the mask polynomial behind maskId. */
  readonly mask: readonly bigint[];
  /** Of the input's commitment; 0 where the input is public. */
  readonly salt: bigint;
  /** Random field element: without it b would leak what can be guessed of the model. */
  readonly blinder: bigint;
};

export type InferenceWitness = {
  readonly inputs: CircuitInputs;
  /** b, a, E. */
  readonly outputs: readonly [bigint, bigint, bigint];
  readonly inputId: bigint;
  /** The answers as the statement has them. */
  readonly words: readonly bigint[];
  /** Classes, or logits z, sample by sample. */
  readonly values: readonly number[];
};

/**
 * Builds the inputs of a Noir inference circuit and its three outputs.
 *
 * @throws PROOF_INPUTS_INVALID for other numbers of features or mask coefficients than the circuit takes; COMMITMENT_PACK_RANGE where a value
 *   does not fit its cell (weights beyond wmax); those of forwardPass and noirInferenceLayout
 */
export function buildInferenceWitness(p2: Poseidon2, parameters: InferenceWitnessParameters): InferenceWitness {
  const { instance, binding, features, weights, mask, salt, blinder } = parameters;
  const { sizes, spec, inputs: samples, output } = instance;
  const layout = noirInferenceLayout(instance);
  const last = sizes.length - 2;
  const size = (l: number): number => sizes[l] as number;
  if (features.length !== samples * size(0) || mask.length !== 16) {
    throw new AssayError(
      'PROOF_INPUTS_INVALID',
      `${instance.name} takes ${samples} inputs of ${size(0)} features and 16 mask coefficients`,
    );
  }
  const passes = forwardPass(spec, sizes, weights, features);
  const shifted = passes.map(({ z }, l) => z.map((value) => value + 2 ** ((layout.zBits[l] as number) - 1)));
  const packed = shifted.map((z, l) => pack(z, layout.zBits[l] as number));
  const classes = size(last + 1);
  const logits = (passes[last] as (typeof passes)[number]).z;
  const values = output === 'class' ? firstLargest(logits, classes) : [...logits];
  const words = output === 'class' ? pack(values, layout.outputBits) : (packed[last] as bigint[]);
  const inputId = inputIdOf(p2, features, spec.fx, salt);
  const b = p2.sponge(spongeTags.transcriptB, [binding, inputId, ...words, blinder, ...packed.flat()]);

  const y = weights.map((layer, l) => rowSketch(layer, size(l) + 1, size(l + 1), b));
  const eR = maskClaim(mask, b);
  const a = p2.sponge(spongeTags.transcriptA, [b, ...y.flat(), eR, blinder]);
  const claim = evaluate([...y.map((sketch) => evaluate(sketch, a)), eR], pow(a, 65536n));

  const matrix = (flat: ArrayLike<number>, columns: number): number[][] =>
    Array.from({ length: samples }, (_, s) => Array.from({ length: columns }, (_, j) => flat[s * columns + j] as number));
  const inputs: CircuitInputs = {
    binding: field(binding),
    input_id: field(inputId),
    outputs: words.map(field),
    blinder: field(blinder),
    salt: field(salt),
    features: matrix(features, size(0)),
    logits: matrix(shifted[last] as Float64Array, classes),
    mask_claim: field(eR),
  };
  if (output === 'class') inputs['one_hot'] = values.map((value) => Array.from({ length: classes }, (_, j) => (j === value ? 1 : 0)));
  passes.forEach(({ z, outputs }, l) => {
    inputs[`y${l}`] = (y[l] as bigint[]).map(field);
    if (l === last) return;
    const columns = size(l + 1);
    inputs[`cells${l}`] = Array.from({ length: samples }, (_, s) =>
      Array.from({ length: columns }, (_, j) =>
        hiddenCells(weightBits(spec), z[s * columns + j] as number, outputs[s * columns + j] as number),
      ),
    );
  });
  return { inputs, outputs: [b, a, claim], inputId, words, values };
}

/** Activation, side of the excess, excess minus one, remainder. */
function hiddenCells(fw: number, z: number, activation: number): (number | string)[] {
  const quotient = Math.floor(z / 2 ** fw);
  const excess = quotient - activation;
  return [activation, signField(Math.sign(excess)), excess === 0 ? 0 : Math.abs(excess) - 1, z - quotient * 2 ** fw];
}

function signField(sign: number): number | string {
  return sign < 0 ? field(R - 1n) : sign;
}

function field(x: bigint): string {
  return `0x${x.toString(16)}`;
}
