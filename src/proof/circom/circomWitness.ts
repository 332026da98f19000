import { circomTranscript } from '../../commitment/circomTranscript.ts';
import { pow } from '../../commitment/field.ts';
import { inputIdOf } from '../../commitment/ids.ts';
import type { Weights } from '../../commitment/kzg.ts';
import { pack } from '../../commitment/packing.ts';
import { loadPoseidon2, type Poseidon2, spongeTags } from '../../commitment/poseidon2.ts';
import { AssayError } from '../../errors.ts';
import { firstLargest, forwardPass } from '../../quant/forwardPass.ts';
import type { InferenceInstance } from '../circuitInstance.ts';
import { evaluate, maskClaim, rowSketch } from '../windowWitness.ts';
import { circomInferenceLayout } from './inferenceCircuit.ts';
import { solveCircomWitness } from './solveCircomWitness.ts';
import { type CircomInputs, wtnsBytes } from './witnessCalculator.ts';

export type CircomInferenceParameters = {
  readonly instance: InferenceInstance;
  /** sizes[0] integers in [0, 2^fx). */
  readonly features: ArrayLike<number>;
  readonly weights: Weights;
  /** 16 random coefficients of the mask polynomial behind maskId. */
  readonly mask: readonly bigint[];
  /** Of the input's commitment; 0 where the input is public. */
  readonly salt: bigint;
  /** Random field element: without it b would leak the logits. */
  readonly blinder: bigint;
  /** Of context, checkpointId, maskId: `bindingOf` of src/commitment/ids.ts. */
  readonly binding: bigint;
};

export type CircomInferenceWitness = {
  readonly inputs: CircomInputs;
  /** binding, inputId, outputs, b, a, E. */
  readonly publicSignals: readonly bigint[];
  /** b, a, E. */
  readonly outputs: readonly [bigint, bigint, bigint];
  readonly inputId: bigint;
  /** The packed outputs: the statement's last words. */
  readonly words: readonly bigint[];
  /** The class, or every logit (scale 2^-(fa + Fw)). */
  readonly values: readonly number[];
};

export type SolvedCircomInference = Omit<CircomInferenceWitness, 'inputs'> & { readonly wtns: Uint8Array };

/**
 * Builds the inputs of a circom inference circuit, its public signals among them.
 *
 * @throws PROOF_INPUTS_INVALID for another number of features or mask coefficients than the circuit takes; COMMITMENT_PACK_RANGE where a logit does
 *   not fit its width (weights beyond wmax); those of `forwardPass` and `circomInferenceLayout`
 */
export function buildCircomInferenceWitness(p2: Poseidon2, parameters: CircomInferenceParameters): CircomInferenceWitness {
  const { instance, features, weights } = parameters;
  if (features.length !== instance.sizes[0] || parameters.mask.length !== 16) {
    throw new AssayError(
      'PROOF_INPUTS_INVALID',
      `${instance.name} takes one input of ${instance.sizes[0]} features and 16 mask coefficients`,
    );
  }
  const passes = forwardPass(instance.spec, instance.sizes, weights, features);
  const last = (passes.at(-1) as (typeof passes)[number]).z;
  const values = instance.output === 'class' ? firstLargest(last, last.length) : [...last];
  const told = passes.map(({ z }) => z);
  return { ...assembleCircomInference(p2, parameters, told, values), values };
}

/**
 * Everything that follows from what a prover says its layers computed, and answers: challenges, sketches, claim.
 *
 * @param z of every layer
 * @param values the class, or every logit
 */
export function assembleCircomInference(
  p2: Poseidon2,
  parameters: CircomInferenceParameters,
  z: readonly ArrayLike<number>[],
  values: readonly number[],
): Omit<CircomInferenceWitness, 'values'> {
  const { instance, features, weights, mask, salt, blinder, binding } = parameters;
  const { sizes, spec, output } = instance;
  const { zBits, outputBits } = circomInferenceLayout(instance);
  const size = (l: number): number => sizes[l] as number;
  const offset = (l: number): number => 2 ** ((zBits[l] as number) - 1);
  const logits = z.map((layer, l) => Array.from(layer, (value) => value + offset(l)));
  const words = pack(output === 'class' ? values : values.map((value) => value + offset(z.length - 1)), outputBits);
  const inputId = inputIdOf(p2, features, spec.fx, salt);
  const packed = logits.flatMap((layer, l) => pack(layer, zBits[l] as number));
  const b = circomTranscript(spongeTags.transcriptB, [binding, inputId, ...words, blinder, ...packed]);
  const y = weights.map((layer, l) => rowSketch(layer, size(l) + 1, size(l + 1), b));
  const eR = maskClaim(mask, b);
  const a = circomTranscript(spongeTags.transcriptA, [b, ...y.flat(), eR, blinder]);
  const claim = evaluate([...y.map((rows) => evaluate(rows, a)), eR], pow(a, 65536n));
  const inputs: Record<string, readonly bigint[]> = {
    binding: [binding],
    inputId: [inputId],
    outputs: words,
    b: [b],
    a: [a],
    claim: [claim],
    features: Array.from(features, BigInt),
    salt: [salt],
    blinder: [blinder],
    maskClaim: [eR],
  };
  logits.forEach((layer, l) => {
    inputs[`logits${l}`] = layer.map(BigInt);
    inputs[`y${l}`] = y[l] as bigint[];
  });
  return { inputs, publicSignals: [binding, inputId, ...words, b, a, claim], outputs: [b, a, claim], inputId, words };
}

/**
 * Solves the witness of one answer.
 *
 * @param program of the same instance
 * @throws those of `buildCircomInferenceWitness` and `solveCircomWitness`
 */
export async function solveCircomInference(
  program: { readonly wasm: Uint8Array },
  parameters: CircomInferenceParameters,
): Promise<SolvedCircomInference> {
  const { inputs, ...built } = buildCircomInferenceWitness(await loadPoseidon2(), parameters);
  return { ...built, wtns: wtnsBytes(await solveCircomWitness(program.wasm, inputs)) };
}
