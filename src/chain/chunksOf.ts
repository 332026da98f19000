/** Numbers of the chunks whose bits are set, in order. */
export function chunksOf(bits: bigint): number[] {
  return Array.from({ length: 256 }, (_, chunk) => chunk).filter((chunk) => (bits >> BigInt(chunk)) & 1n);
}
