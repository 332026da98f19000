import { AssayError } from '../errors.ts';
import { type ArithmeticSpec, assertSpec } from './spec.ts';

export type InferenceBounds = {
  /** Width of z + 2^(zBits - 1), per layer. */
  readonly zBits: readonly number[];
  /** Largest |z| that a checkpoint with |W| <= wmax can reach, per layer; below 2^(zBits - 1). */
  readonly zMax: readonly number[];
};

/** Bits of the widest value that is packed and that float64 holds exactly. */
const widest = 53;

const bitLength = (x: number): number => x.toString(2).length;

/**
 * Worst-case magnitudes of a forward pass of any checkpoint with |W| <= wmax, and the widths that hold them (docs/reference/encodings.md, "inference").
 *
 * @param sizes neurons per layer, inputs first, outputs last (no bias row)
 * @throws QUANT_BOUND_EXCEEDED where a width would exceed 53 bits
 */
export function inferenceBounds(spec: ArithmeticSpec, sizes: readonly number[]): InferenceBounds {
  assertSpec(spec);
  const zMax = sizes.slice(0, -1).map((n, l) => (n * (l === 0 ? 2 ** spec.fx - 1 : 2 ** spec.actBits - 1) + 2 ** spec.fa) * spec.wmax);
  const zBits = zMax.map((z) => 1 + bitLength(z));
  const largest = Math.max(...zBits);
  if (largest > widest) {
    throw new AssayError('QUANT_BOUND_EXCEEDED', `an answer of ${sizes.join('-')} takes ${largest} bits, ${widest} are held exactly`, {
      hint: 'Use a smaller wmax, fewer activation bits or fewer neurons.',
    });
  }
  return { zBits, zMax };
}
