import { mod, pow } from '../../src/commitment/field.ts';
import { spongeTags } from '../../src/commitment/poseidon2.ts';
import { wellFormedLayout } from '../../src/proof/wellFormed/circuit.ts';
import { type CircuitInputs, evaluate, maskClaim } from '../../src/proof/windowWitness.ts';
import type { WellFormedCase } from './wellFormedFixture.ts';
import { packLoosely } from './windowForgery.ts';

export type ForgeWeightsParameters = {
  /** Of an instance of one block a layer, and all of them a proof. */
  readonly given: WellFormedCase;
  readonly weights?: (honest: readonly bigint[][]) => readonly (readonly bigint[])[];
  readonly binding?: bigint;
  readonly blinder?: bigint;
  readonly mask?: readonly bigint[];
  /** What the challenges are drawn from, where the circuit at hand absorbs less. */
  readonly absorbedB?: (items: readonly bigint[]) => readonly bigint[];
  readonly absorbedA?: (items: readonly bigint[]) => readonly bigint[];
};

export type ForgedWeights = {
  readonly inputs: CircuitInputs;
  /** b, a, E: the claim is that of the weights as they are. */
  readonly outputs: readonly [bigint, bigint, bigint];
};

const hex = (x: bigint): string => `0x${mod(x).toString(16)}`;

/** The witness of a segment with other weights, whatever they are; what leaves its range is not stopped here. */
export function forgeWeights(parameters: ForgeWeightsParameters): ForgedWeights {
  const { given, binding = given.binding, blinder = given.blinder, mask = given.mask } = parameters;
  const { bits } = wellFormedLayout(given.instance);
  const wmax = BigInt(given.instance.spec.wmax);
  const honest = given.weights.map((layer) => Array.from(layer, BigInt));
  const weights = parameters.weights?.(honest) ?? honest;
  const shifted = weights.map((slot) => slot.map((w) => w + wmax));
  const itemsB = [binding, blinder, ...shifted.flatMap((slot) => packLoosely(slot, bits))];
  const b = given.p2.sponge(spongeTags.transcriptB, parameters.absorbedB?.(itemsB) ?? itemsB);
  const eR = maskClaim(mask, b);
  const itemsA = [b, eR, blinder];
  const a = given.p2.sponge(spongeTags.transcriptA, parameters.absorbedA?.(itemsA) ?? itemsA);
  const claims = weights.map((slot) =>
    evaluate(
      slot.map((w) => mod(w)),
      b,
    ),
  );
  return {
    inputs: {
      binding: hex(binding),
      blinder: hex(blinder),
      mask_claim: hex(eR),
      ...Object.fromEntries(shifted.map((slot, t) => [`values${t}`, slot.map(hex)])),
    },
    outputs: [b, a, evaluate([...claims, eR], pow(a, 65536n))],
  };
}
