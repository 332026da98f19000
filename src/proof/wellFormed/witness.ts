import { blocksOf } from '../../commitment/blocks.ts';
import { mod, pow } from '../../commitment/field.ts';
import type { Weights } from '../../commitment/kzg.ts';
import { pack } from '../../commitment/packing.ts';
import { type Poseidon2, spongeTags } from '../../commitment/poseidon2.ts';
import { AssayError } from '../../errors.ts';
import type { WellFormedInstance } from '../circuitInstance.ts';
import { type CircuitInputs, evaluate, maskClaim } from '../windowWitness.ts';
import { wellFormedLayout } from './circuit.ts';

export type WellFormedWitnessParameters = {
  readonly instance: WellFormedInstance;
  /** The word that stands for context, checkpointId, maskId and segment (`bindingOf`). */
  readonly binding: bigint;
  readonly weights: Weights;
  /** Number of the segment, from 0. */
  readonly segment: number;
  /** 16 random coefficients of the mask polynomial behind maskId. */
  readonly mask: readonly bigint[];
  /** Random field element: without it b would be a digest of weights that can be guessed. */
  readonly blinder: bigint;
};

export type WellFormedWitness = {
  readonly inputs: CircuitInputs;
  /** b, a, E. */
  readonly outputs: readonly [bigint, bigint, bigint];
};

/**
 * Builds the inputs of a well-formed circuit for one segment, and its three outputs.
 *
 * @throws PROOF_INPUTS_INVALID for a segment that the checkpoint has not, or weights or a mask that do not fit; WELL_FORMED_WEIGHT for a weight
 *   beyond wmax, of which there is no proof
 */
export function buildWellFormedWitness(p2: Poseidon2, parameters: WellFormedWitnessParameters): WellFormedWitness {
  const { instance, binding, weights, segment, mask, blinder } = parameters;
  const { sizes, blockLog, blocksPerProof, spec } = instance;
  const { slots, segments, bits } = wellFormedLayout(instance);
  const fits =
    weights.length === sizes.length - 1 && weights.every((w, l) => w.length === ((sizes[l] as number) + 1) * (sizes[l + 1] as number));
  if (!fits || mask.length !== 16 || !Number.isInteger(segment) || segment < 0 || segment >= segments) {
    throw new AssayError(
      'PROOF_INPUTS_INVALID',
      `${instance.name} takes the weights of ${sizes.join('-')}, a segment from 0 to ${segments - 1} and 16 mask coefficients`,
    );
  }
  const blocks = blocksOf(sizes, blockLog);
  const { wmax } = spec;
  const shifted = slots.map((length, t) => {
    const block = blocks[segment * blocksPerProof + t];
    const values = new Float64Array(length).fill(wmax);
    if (block === undefined) return values;
    const from = block.firstRow * block.columns;
    const layer = weights[block.layer] as Int32Array;
    for (let i = 0; i < block.rows * block.columns; i++) {
      const w = layer[from + i] as number;
      if (Math.abs(w) > wmax) {
        throw new AssayError(
          'WELL_FORMED_WEIGHT',
          `weight ${from + i} of layer ${block.layer} is ${w}, allowed is up to ${wmax} either way`,
        );
      }
      values[i] = w + wmax;
    }
    return values;
  });
  const b = p2.sponge(spongeTags.transcriptB, [binding, blinder, ...shifted.flatMap((values) => pack(values, bits))]);
  const eR = maskClaim(mask, b);
  const a = p2.sponge(spongeTags.transcriptA, [b, eR, blinder]);
  const claims = shifted.map((values) =>
    evaluate(
      Array.from(values, (value) => mod(BigInt(value - wmax))),
      b,
    ),
  );
  const inputs: CircuitInputs = { binding: field(binding), blinder: field(blinder), mask_claim: field(eR) };
  shifted.forEach((values, t) => {
    inputs[`values${t}`] = Array.from(values);
  });
  return { inputs, outputs: [b, a, evaluate([...claims, eR], pow(a, 65536n))] };
}

function field(x: bigint): string {
  return `0x${x.toString(16)}`;
}
