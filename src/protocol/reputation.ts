// An operator's reputation: contracts/src/ReputationRegistry.sol in TypeScript. Scores are in units of 1e-18 ASSAY, blocks are bigint.

/** Blocks in which a score halves: 30 days of 12 seconds. */
export const halfLife = 216_000n;
/** The score that has half of the greatest influence: 100 ASSAY of burned fees. */
export const scoreScale = 100n * 10n ** 18n;

/** What is kept of an operator: its score as it was at its latest gain. */
export type Reputation = {
  readonly score: bigint;
  /** Block of the latest gain. */
  readonly since: bigint;
};

/** Of who has none, and of who was slashed. */
export const noReputation: Reputation = { score: 0n, since: 0n };

/** The score in a block, at or after the latest gain. */
export function scoreAt(reputation: Reputation, block: bigint): bigint {
  const age = block - reputation.since;
  const halvings = age / halfLife;
  if (halvings >= 128n) return 0n;
  const halved = reputation.score >> halvings;
  return halved - (halved * (age % halfLife)) / (2n * halfLife);
}

/** After a final unit whose fee was burned. A fee of 0 changes nothing. */
export function gained(reputation: Reputation, fee: bigint, block: bigint): Reputation {
  return fee === 0n ? reputation : { score: scoreAt(reputation, block) + fee, since: block };
}

/** What shortens waits and lowers what a lease locks, in 1/10,000: 10,000 to 14,999. */
export function factorAt(reputation: Reputation, block: bigint): bigint {
  const score = scoreAt(reputation, block);
  return 10_000n + (5_000n * score) / (score + scoreScale);
}
