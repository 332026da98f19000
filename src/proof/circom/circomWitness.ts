import { circomTranscript } from '../../commitment/circomTranscript.ts';
import { pow } from '../../commitment/field.ts';
import { inputIdOf } from '../../commitment/ids.ts';
import type { Weights } from '../../commitment/kzg.ts';
import { pack } from '../../commitment/packing.ts';
import { loadPoseidon2, type Poseidon2, spongeTags } from '../../commitment/poseidon2.ts';
import { AssayError } from '../../errors.ts';
import { weightBits } from '../../quant/spec.ts';
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
 * What each layer computes of one input, in plain integers.
 *
 * @returns z of every layer
 */
function forward({ sizes, spec }: InferenceInstance, weights: Weights, features: ArrayLike<number>): Float64Array[] {
  const scale = 2 ** -weightBits(spec);
  const high = 2 ** spec.actBits - 1;
  let inputs = features;
  return weights.map((layer, l) => {
    const n = sizes[l] as number;
    const m = sizes[l + 1] as number;
    const z = new Float64Array(m);
    for (let i = 0; i <= n; i++) {
      const a = i === n ? 2 ** spec.fa : (inputs[i] as number);
      if (a === 0) continue;
      for (let j = 0; j < m; j++) z[j] = (z[j] as number) + a * (layer[i * m + j] as number);
    }
    inputs = z.map((value) => Math.max(0, Math.min(high, Math.floor(value * scale))));
    return z;
  });
}

/**
 * Builds the inputs of a circom inference circuit, its public signals among them.
 *
 * @throws PROOF_TRACE_INVALID where sizes do not fit the instance; COMMITMENT_PACK_RANGE where a feature or a logit does not fit its width (weights
 *   beyond wmax); those of `circomInferenceLayout`
 */
export function buildCircomInferenceWitness(p2: Poseidon2, parameters: CircomInferenceParameters): CircomInferenceWitness {
  const { instance, features, weights, mask, salt, blinder, binding } = parameters;
  const { sizes, spec, output } = instance;
  const { zBits, outputBits } = circomInferenceLayout(instance);
  const size = (l: number): number => sizes[l] as number;
  const layers = sizes.slice(1).map((_, l) => l);
  const fits = weights.length === layers.length && weights.every((layer, l) => layer.length === (size(l) + 1) * size(l + 1));
  if (features.length !== size(0) || !fits || mask.length !== 16) {
    throw new AssayError(
      'PROOF_TRACE_INVALID',
      `${instance.name} takes ${size(0)} features, weights of ${sizes.join('-')} and 16 mask coefficients`,
    );
  }
  const inputId = inputIdOf(p2, features, spec.fx, salt);
  const z = forward(instance, weights, features);
  const logits = z.map((layer, l) => Array.from(layer, (value) => value + 2 ** ((zBits[l] as number) - 1)));
  const last = logits.at(-1) as number[];
  const answer = last.indexOf(Math.max(...last));
  const words = pack(output === 'class' ? [answer] : last, outputBits);
  const packed = logits.flatMap((layer, l) => pack(layer, zBits[l] as number));
  const b = circomTranscript(spongeTags.transcriptB, [binding, inputId, ...words, blinder, ...packed]);
  const y = layers.map((l) => rowSketch(weights[l] as Int32Array, size(l) + 1, size(l + 1), b));
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
  for (const l of layers) {
    inputs[`logits${l}`] = (logits[l] as number[]).map(BigInt);
    inputs[`y${l}`] = y[l] as bigint[];
  }
  return {
    inputs,
    publicSignals: [binding, inputId, ...words, b, a, claim],
    outputs: [b, a, claim],
    inputId,
    words,
    values: output === 'class' ? [answer] : Array.from(z.at(-1) as Float64Array),
  };
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
