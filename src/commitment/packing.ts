import { AssayError } from '../errors.ts';

/** Most bits that one field element carries: every such value is below R. */
export const packedBits = 252;

const scratch = new Uint32Array(8);
const halves = new BigUint64Array(scratch.buffer);

function assemble(): bigint {
  return (halves[0] as bigint) | ((halves[1] as bigint) << 64n) | ((halves[2] as bigint) << 128n) | ((halves[3] as bigint) << 192n);
}

/**
 * Packs unsigned integers of one width into field elements of at most 252 bits, the first value in the lowest bits.
 *
 * @param width bits of every value, 1 to 53
 * @returns ceil(n / floor(252 / width)) elements
 * @throws COMMITMENT_PACK_RANGE for a value that is not an integer in [0, 2^width)
 */
export function pack(values: ArrayLike<number>, width: number): bigint[] {
  if (!Number.isSafeInteger(width) || width < 1 || width > 53) {
    throw new AssayError('COMMITMENT_PACK_RANGE', `a packed width is 1 to 53 bits, not ${width}`);
  }
  const elements: bigint[] = [];
  let used = 0;
  scratch.fill(0);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!Number.isSafeInteger(value) || value < 0 || value >= 2 ** width) {
      throw new AssayError('COMMITMENT_PACK_RANGE', `value ${value} at ${i} does not fit ${width} bits`);
    }
    if (used + width > packedBits) {
      elements.push(assemble());
      scratch.fill(0);
      used = 0;
    }
    // A width of up to 53 bits at any bit offset touches at most three 32-bit words.
    let position = used;
    let rest = value;
    let left = width;
    while (left > 0) {
      const shift = position & 31;
      const take = Math.min(32 - shift, left);
      const low = rest % 2 ** take;
      scratch[position >> 5] = (scratch[position >> 5] as number) + low * 2 ** shift;
      rest = (rest - low) / 2 ** take;
      position += take;
      left -= take;
    }
    used += width;
  }
  if (used > 0) elements.push(assemble());
  return elements;
}

/**
 * The values that `pack` put into elements.
 *
 * @throws COMMITMENT_PACK_RANGE where the elements are not the packing of `count` values of this width
 */
export function unpack(elements: readonly bigint[], width: number, count: number): number[] {
  const perElement = Math.floor(packedBits / width);
  const mask = (1n << BigInt(width)) - 1n;
  const values = Array.from({ length: count }, (_, i) =>
    Number(((elements[Math.floor(i / perElement)] ?? 0n) >> BigInt(width * (i % perElement))) & mask),
  );
  const packed = pack(values, width);
  if (packed.length !== elements.length || packed.some((element, i) => element !== elements[i])) {
    throw new AssayError('COMMITMENT_PACK_RANGE', `these elements are not the packing of ${count} values of ${width} bits`);
  }
  return values;
}
