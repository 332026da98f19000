import { inv, mod } from '../../src/commitment/field.ts';

export type FractionalPath = {
  readonly siblings: readonly bigint[];
  /** Of the index, from the leaf up: the lowest is no bit. */
  readonly bits: readonly bigint[];
  /** The number that the bits add up to. */
  readonly index: bigint;
};

/**
 * Leads any leaf to the root of an honest path: what a level hashes is (leaf + bit (sibling - leaf), sibling - bit (sibling - leaf)), and a bit that
 * is any number makes the honest pair of it.
 */
export function fractionalPath(leaf: bigint, honestLeaf: bigint, index: number, siblings: readonly bigint[]): FractionalPath {
  const [first, ...rest] = siblings as [bigint, ...bigint[]];
  const left = index % 2 === 0 ? honestLeaf : first;
  const sibling = mod(honestLeaf + first - leaf);
  const bits = siblings.map((_, level) => (level === 0 ? mod((left - leaf) * inv(mod(sibling - leaf))) : BigInt((index >> level) % 2)));
  return { siblings: [sibling, ...rest], bits, index: mod(bits.reduceRight((sum, bit) => 2n * sum + bit, 0n)) };
}
