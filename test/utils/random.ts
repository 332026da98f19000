import { encodePacked, hexToBigInt, keccak256 } from 'viem';
import { R } from '../../src/commitment/field.ts';

/** Deterministic 256-bit integers from a label. */
export function integers(label: string, count: number): bigint[] {
  return Array.from({ length: count }, (_, i) => hexToBigInt(keccak256(encodePacked(['string', 'uint256'], [label, BigInt(i)]))));
}

/** Deterministic field elements from a label. */
export function fieldElements(label: string, count: number): bigint[] {
  return integers(label, count).map((x) => x % R);
}
