import { poseidon16 } from 'poseidon-lite/poseidon16';
import { AssayError } from '../errors.ts';
import { R } from './field.ts';

/** Items that one permutation takes besides the digest so far. */
const rate = 15;

/**
 * `G(tag; items)` of docs/reference/encodings.md, "The circom transcript": circomlib's Poseidon(16), chained over groups of 15.
 *
 * @throws COMMITMENT_FIELD_RANGE for a value outside [0, R), COMMITMENT_SPONGE_EMPTY for no item at all
 */
export function circomTranscript(tag: number, items: readonly bigint[]): bigint {
  if (items.length === 0) throw new AssayError('COMMITMENT_SPONGE_EMPTY', 'a transcript needs at least one element');
  if (items.some((item) => item < 0n || item >= R)) {
    throw new AssayError('COMMITMENT_FIELD_RANGE', 'a value to hash is not a canonical field element');
  }
  let digest = (BigInt(tag) << 64n) + BigInt(items.length);
  for (let i = 0; i < items.length; i += rate) {
    const group = items.slice(i, i + rate);
    while (group.length < rate) group.push(0n);
    digest = poseidon16([digest, ...group]);
  }
  return digest;
}
