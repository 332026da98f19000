import { pow, R } from '../../commitment/field.ts';
import type { Weights } from '../../commitment/kzg.ts';
import { pack } from '../../commitment/packing.ts';
import { type Poseidon2, spongeTags } from '../../commitment/poseidon2.ts';
import { firstLargest, forwardPass } from '../../quant/forwardPass.ts';
import { type ArithmeticSpec, weightBits } from '../../quant/spec.ts';
import { type CircuitInputs, evaluate, maskClaim, rowSketch } from '../windowWitness.ts';

export type ForwardWitnessParameters = {
  readonly spec: ArithmeticSpec;
  readonly sizes: readonly number[];
  /** Width of z + 2^(zBits - 1), per layer. */
  readonly zBits: readonly number[];
  /** Samples x sizes[0] integers in [0, 2^fx), sample by sample. */
  readonly features: ArrayLike<number>;
  readonly weights: Weights;
  /** 16 random coefficients of the mask polynomial behind maskId. */
  readonly mask: readonly bigint[];
  /** Random field element: without it b would leak what can be guessed of the model. */
  readonly blinder: bigint;
};

export type ForwardWitness = {
  /** z of the last layer, samples in order, neurons in order. */
  readonly logits: Float64Array;
  /** The first largest logit of each sample. */
  readonly classes: readonly number[];
  /** What of each layer is absorbed for b. */
  readonly packed: readonly (readonly bigint[])[];
  /** The circuit's inputs of the forward pass, and b, a, E. @param itemsB all that is absorbed for b, `packed` included */
  readonly finish: (
    itemsB: readonly bigint[],
    withClasses: boolean,
  ) => { readonly inputs: CircuitInputs; readonly outputs: readonly [bigint, bigint, bigint] };
};

/**
 * Runs a model forward for a circuit that has `forwardSource`'s parts.
 *
 * @throws COMMITMENT_PACK_RANGE where a value does not fit its cell (weights beyond wmax); those of forwardPass
 */
export function forwardWitness(p2: Poseidon2, parameters: ForwardWitnessParameters): ForwardWitness {
  const { spec, sizes, zBits, features, weights, mask, blinder } = parameters;
  const last = sizes.length - 2;
  const size = (l: number): number => sizes[l] as number;
  const samples = features.length / size(0);
  const passes = forwardPass(spec, sizes, weights, features);
  const shifted = passes.map(({ z }, l) => z.map((value) => value + 2 ** ((zBits[l] as number) - 1)));
  const packed = shifted.map((z, l) => pack(z, zBits[l] as number));
  const outputs = size(last + 1);
  const { z: logits } = passes[last] as (typeof passes)[number];
  const classes = firstLargest(logits, outputs);
  const matrix = (flat: ArrayLike<number>, columns: number): number[][] =>
    Array.from({ length: samples }, (_, s) => Array.from({ length: columns }, (_, j) => flat[s * columns + j] as number));
  return {
    logits,
    classes,
    packed,
    finish: (itemsB, withClasses) => {
      const b = p2.sponge(spongeTags.transcriptB, itemsB);
      const y = weights.map((layer, l) => rowSketch(layer, size(l) + 1, size(l + 1), b));
      const eR = maskClaim(mask, b);
      const a = p2.sponge(spongeTags.transcriptA, [b, ...y.flat(), eR, blinder]);
      const claim = evaluate([...y.map((sketch) => evaluate(sketch, a)), eR], pow(a, 65536n));
      const inputs: CircuitInputs = {
        blinder: fieldInput(blinder),
        features: matrix(features, size(0)),
        logits: matrix(shifted[last] as Float64Array, outputs),
        mask_claim: fieldInput(eR),
      };
      if (withClasses) inputs['one_hot'] = classes.map((value) => Array.from({ length: outputs }, (_, j) => (j === value ? 1 : 0)));
      passes.forEach(({ z, outputs: activations }, l) => {
        inputs[`y${l}`] = (y[l] as bigint[]).map(fieldInput);
        if (l === last) return;
        const columns = size(l + 1);
        inputs[`cells${l}`] = Array.from({ length: samples }, (_, s) =>
          Array.from({ length: columns }, (_, j) =>
            hiddenCells(weightBits(spec), z[s * columns + j] as number, activations[s * columns + j] as number),
          ),
        );
      });
      return { inputs, outputs: [b, a, claim] };
    },
  };
}

/** Activation, side of the excess, excess minus one, remainder. */
function hiddenCells(fw: number, z: number, activation: number): (number | string)[] {
  const quotient = Math.floor(z / 2 ** fw);
  const excess = quotient - activation;
  return [activation, signField(Math.sign(excess)), excess === 0 ? 0 : Math.abs(excess) - 1, z - quotient * 2 ** fw];
}

function signField(sign: number): number | string {
  return sign < 0 ? fieldInput(R - 1n) : sign;
}

/** A field element as the ABI encoder takes it. */
export function fieldInput(x: bigint): string {
  return `0x${x.toString(16)}`;
}
