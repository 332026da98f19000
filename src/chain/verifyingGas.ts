/** VerifierRouter.VERIFY_GAS_CAP. */
const cap = 4_000_000n;
/** EIP-7825: no transaction has more. */
const transactionLimit = 16_777_216n;

/** What is left out is slack: test/chain/gas.test.ts measures the largest of these transactions. */
const atMost = (needed: bigint): bigint => (needed < transactionLimit ? needed : transactionLimit);

const around = (bytes: number): bigint => (cap * 64n ** 3n) / 63n ** 3n + 900_000n + BigInt(bytes) * 60n;

/**
 * Gas limit of a transaction that makes the router verify: the cap has to survive the 1/64 that each of three nested calls withholds; then
 * calldata (at most 40 a byte, EIP-7623) copied a few times, and the state changes around it.
 *
 * @param bytes length of proof and opening together
 * @param stored words that are written for the first time, 22,100 each, beside their calldata and their place in an event: the outputs of an answer, the
 * sums of an audit
 */
export function verifyingGas(bytes: number, stored = 0): bigint {
  return atMost(around(bytes) + BigInt(stored) * 25_000n);
}

/**
 * The same where the verdict may be false: a slash and the rejection of up to eight windows come after it, and nothing of the statement is stored.
 *
 * @param words of the statement: their calldata, copied a few times
 */
export function judgingGas(bytes: number, words: number): bigint {
  return atMost(around(bytes + 32 * words) + 2_000_000n);
}
