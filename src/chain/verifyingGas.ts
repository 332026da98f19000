/** VerifierRouter.VERIFY_GAS_CAP. */
const cap = 4_000_000n;

/**
 * Gas limit of a transaction that makes the router verify: the cap has to survive the 1/64 that each of three nested calls withholds; then
 * calldata (at most 40 a byte, EIP-7623) copied a few times, and the state changes around it.
 *
 * @param bytes length of proof and opening together
 * @param words results that are submitted: an answer's outputs are stored, 22,100 each, beside their calldata and their place in the event
 */
export function verifyingGas(bytes: number, words = 0): bigint {
  return (cap * 64n ** 3n) / 63n ** 3n + 900_000n + BigInt(bytes) * 60n + BigInt(words) * 25_000n;
}

/** The same where the verdict may be false: a slash and the rejection of up to eight windows come after it. */
export function judgingGas(bytes: number, words: number): bigint {
  return verifyingGas(bytes, words) + 2_000_000n;
}
