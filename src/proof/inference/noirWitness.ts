import { inputIdOf } from '../../commitment/ids.ts';
import type { Weights } from '../../commitment/kzg.ts';
import { pack } from '../../commitment/packing.ts';
import type { Poseidon2 } from '../../commitment/poseidon2.ts';
import { AssayError } from '../../errors.ts';
import type { InferenceInstance } from '../circuitInstance.ts';
import type { CircuitInputs } from '../windowWitness.ts';
import { fieldInput, forwardWitness } from './forwardWitness.ts';
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
  if (features.length !== samples * (sizes[0] as number) || mask.length !== 16) {
    throw new AssayError(
      'PROOF_INPUTS_INVALID',
      `${instance.name} takes ${samples} inputs of ${sizes[0]} features and 16 mask coefficients`,
    );
  }
  const forward = forwardWitness(p2, { spec, sizes, zBits: layout.zBits, features, weights, mask, blinder });
  const values = output === 'class' ? forward.classes : [...forward.logits];
  const words = output === 'class' ? pack(values, layout.outputBits) : (forward.packed.at(-1) as readonly bigint[]);
  const inputId = inputIdOf(p2, features, spec.fx, salt);
  const { inputs, outputs } = forward.finish([binding, inputId, ...words, blinder, ...forward.packed.flat()], output === 'class');
  const own = { binding: fieldInput(binding), input_id: fieldInput(inputId), outputs: words.map(fieldInput), salt: fieldInput(salt) };
  return { inputs: { ...own, ...inputs }, outputs, inputId, words, values };
}
