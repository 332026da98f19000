// How much ASSAY there is and can be: contracts/src/libraries/Supply.sol and TokenEmission.sol in TypeScript. Amounts are in units of 1e-18 ASSAY,
// blocks and epochs are bigint. docs/explain/economics.md says why these numbers.

const ether = 10n ** 18n;

/** What there can ever be. */
export const maxSupply = 1_000_000_000n * ether;
/** A day of 12-second blocks. */
export const epochBlocks = 7_200n;
/** What one of the first epochs may mint. */
export const firstBudget = 250_000n * ether;
/** Epochs between halvings: a year. */
export const halvingEpochs = 365n;
/** The highest first supply: all budgets together are less than `2 * firstBudget * halvingEpochs`. */
export const maxInitialSupply = maxSupply - 2n * firstBudget * halvingEpochs;

/** One final unit, as emission sees it. */
export type BurnedFee = {
  readonly block: bigint;
  /** Burned. */
  readonly fee: bigint;
  /** Share of it that is minted, in 1/10,000: the job's, 0 to 5,000. */
  readonly emissionBps: bigint;
};

/** What came of one epoch in which fees were burned. */
export type EpochSupply = {
  readonly epoch: bigint;
  readonly budget: bigint;
  readonly burned: bigint;
  readonly minted: bigint;
  /** Of all ASSAY, after the epoch's last fee. */
  readonly supply: bigint;
};

/** What an epoch may mint. */
export function budgetOf(epoch: bigint): bigint {
  return firstBudget >> (epoch / halvingEpochs);
}

/** The epoch of a block. @param startBlock in which the emission was deployed */
export function epochOf(startBlock: bigint, block: bigint): bigint {
  return (block - startBlock) / epochBlocks;
}

/** What a burned fee mints in an epoch that has minted `minted` before. */
export function emissionOf(fee: bigint, emissionBps: bigint, epoch: bigint, minted: bigint): bigint {
  const share = (fee * emissionBps) / 10_000n;
  const left = budgetOf(epoch) - minted;
  return share < left ? share : left;
}

/**
 * The supply over time: every epoch in which a fee was burned, in order.
 *
 * @param initial supply at first, before any of the fees burned
 * @param startBlock in which the emission was deployed
 * @param fees in the order of the chain; blocks never fall
 *
 * @example
 * simulateSupply(1_000n, 0n, [{ block: 7_200n, fee: 100n, emissionBps: 2_500n }]);
 * // [{ epoch: 1n, budget: 250_000n * 10n ** 18n, burned: 100n, minted: 25n, supply: 925n }]
 */
export function simulateSupply(initial: bigint, startBlock: bigint, fees: Iterable<BurnedFee>): EpochSupply[] {
  const epochs: EpochSupply[] = [];
  let supply = initial;
  for (const { block, fee, emissionBps } of fees) {
    const epoch = epochOf(startBlock, block);
    const last = epochs.at(-1);
    const before = last?.epoch === epoch ? last : { burned: 0n, minted: 0n };
    const amount = emissionOf(fee, emissionBps, epoch, before.minted);
    supply += amount - fee;
    const now = { epoch, budget: budgetOf(epoch), burned: before.burned + fee, minted: before.minted + amount, supply };
    if (last?.epoch === epoch) epochs[epochs.length - 1] = now;
    else epochs.push(now);
  }
  return epochs;
}
