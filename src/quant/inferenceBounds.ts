import { AssayError } from '../errors.ts';
import { type ArithmeticSpec, assertSpec, weightBits } from './spec.ts';

/** Static ranges of one forward pass, per layer. */
export type InferenceBounds = {
  /** Largest |z| wherever |W| <= wmax. */
  readonly zMax: readonly number[];
  /** Bits of z + 2^(zBits - 1), an unsigned integer: what z is packed at. */
  readonly zBits: readonly number[];
  /** Bits of t, the excess of z >> Fw beyond a clip edge, minus one; unsigned; 0 for the last layer, which is not clipped. */
  readonly excess: readonly number[];
};

/**
 * Worst-case magnitudes of a forward pass with |W| <= wmax (docs/reference/encodings.md, inference).
 *
 * @param sizes neurons per layer, inputs first, outputs last (no bias row)
 * @throws QUANT_BOUND_EXCEEDED where a packed z would leave 53 bits, the integers that float64 holds exactly
 */
export function inferenceBounds(spec: ArithmeticSpec, sizes: readonly number[]): InferenceBounds {
  assertSpec(spec);
  const fw = weightBits(spec);
  const bitLength = (x: number): number => (x === 0 ? 0 : x.toString(2).length);
  const zMax = sizes.slice(1).map((_, l) => {
    const inputMax = l === 0 ? 2 ** spec.fx - 1 : 2 ** spec.actBits - 1;
    return ((sizes[l] as number) * inputMax + 2 ** spec.fa) * spec.wmax;
  });
  const largest = Math.max(...zMax);
  if (!(largest < 2 ** 52)) {
    throw new AssayError('QUANT_BOUND_EXCEEDED', `a forward pass of ${sizes.join('-')} can reach 2^${Math.log2(largest).toFixed(1)}`, {
      details: 'with its sign it would not fit 53 bits',
      hint: 'Use fewer fractional bits, smaller layers or a smaller wmax.',
    });
  }
  const last = zMax.length - 1;
  return {
    zMax,
    zBits: zMax.map((z) => 1 + bitLength(z)),
    excess: zMax.map((z, l) => (l === last ? 0 : Math.max(1, bitLength(Math.floor(z / 2 ** fw))))),
  };
}
