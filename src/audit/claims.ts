import { z } from 'zod';
import { maxThresholds } from '../commitment/marginThresholds.ts';
import { AssayError, exitCodes } from '../errors.ts';

// What a certificate says of a model, each a comparison of integers: nothing is rounded.

const count = z
  .int()
  .min(0)
  .max(2 ** 32);
const label = z.int().min(0).max(254);
const ratio = z.strictObject({
  numerator: count,
  denominator: z
    .int()
    .min(1)
    .max(2 ** 32),
});

export const claimSchema = z.discriminatedUnion('kind', [
  /** At least so many right answers of all. */
  z.strictObject({ kind: z.literal('accuracy'), atLeast: count, of: count }),
  /** The same among the samples of one class: sensitivity, where the class is the ill. */
  z.strictObject({ kind: z.literal('recall'), class: label, atLeast: count, of: count }),
  /** The same among the samples whose answer has a margin of at least the threshold of that number, from 1. */
  z.strictObject({ kind: z.literal('calibration'), margin: z.int().min(1).max(maxThresholds), atLeast: count, of: count }),
  /** Demographic parity: no two groups differ by more in how often they are given the answer `class`. */
  z.strictObject({ kind: z.literal('parity'), class: label, atMost: ratio }),
  /** Equal opportunity: the same among those whose class it is. */
  z.strictObject({ kind: z.literal('equal-opportunity'), class: label, atMost: ratio }),
]);
export type Claim = z.infer<typeof claimSchema>;

/** Counts of an audit: entry `((group * classes + class) * classes + answer) * bins + bin`. */
export type AuditCounts = {
  readonly classes: number;
  readonly groups: number;
  /** Bins of margins: one more than thresholds; 1 where there are none. */
  readonly bins?: number;
  readonly counts: readonly number[];
};

/** Samples that fit: all of a kind that is not told. */
export type Filter = { readonly group?: number; readonly class?: number; readonly answer?: number; readonly bin?: number };

/** How many samples there are of a group, a class, an answer and a bin. */
export function samplesOf({ classes, groups, bins = 1, counts }: AuditCounts, filter: Filter = {}): number {
  let found = 0;
  for (let g = 0; g < groups; g++)
    for (let c = 0; c < classes; c++)
      for (let k = 0; k < classes; k++) {
        const fits = (filter.group ?? g) === g && (filter.class ?? c) === c && (filter.answer ?? k) === k;
        for (let i = 0; fits && i < bins; i++) {
          if ((filter.bin ?? i) === i) found += counts[((g * classes + c) * classes + k) * bins + i] as number;
        }
      }
  return found;
}

/** Right answers, of a group, class or bin where one is told. */
export function correctOf(counts: AuditCounts, filter: Omit<Filter, 'answer'> = {}): number {
  return Array.from({ length: counts.classes }, (_, c) => c)
    .filter((c) => (filter.class ?? c) === c)
    .reduce((sum, c) => sum + samplesOf(counts, { ...filter, class: c, answer: c }), 0);
}

/** Right answers and samples in each bin of margins, the lowest first: a reliability table. */
export function reliabilityOf(counts: AuditCounts): readonly Rate[] {
  return Array.from({ length: counts.bins ?? 1 }, (_, bin) => ({ hits: correctOf(counts, { bin }), samples: samplesOf(counts, { bin }) }));
}

/** Why a claim is not what the counts say; undefined where it is. */
export function claimProblem(claim: Claim, counts: AuditCounts): string | undefined {
  if ('class' in claim && claim.class >= counts.classes) return `there is no class ${claim.class}`;
  if (claim.kind === 'calibration' && claim.margin >= (counts.bins ?? 1)) return `there is no threshold ${claim.margin} of margins`;
  if (isThreshold(claim)) {
    const { hits, samples } = rateOf(claim, counts);
    if (claim.of !== samples) return `the counts are of ${samples} samples, not ${claim.of}`;
    return hits >= claim.atLeast ? undefined : `${hits} of ${samples} answers are right, fewer than ${claim.atLeast}`;
  }
  const rates = groupRates(claim, counts);
  if (rates.length < 2) return 'there are no groups to compare';
  if (rates.some(({ samples }) => samples === 0)) return 'a group has no samples to compare';
  return largerDifference(claim, rates);
}

/**
 * Why counts of other samples contradict a claim, taken as a ratio: their rate is lower, or two of their groups that have samples differ by more.
 * Undefined where they do not. Counts that bear a claim out never contradict it; others may do neither.
 *
 * @param counts of the same model, so of as many classes
 */
export function claimContradiction(claim: Claim, counts: AuditCounts): string | undefined {
  if (!isThreshold(claim)) return largerDifference(claim, groupRates(claim, counts));
  const { hits, samples } = rateOf(claim, counts);
  const isLower = BigInt(hits) * BigInt(claim.of) < BigInt(claim.atLeast) * BigInt(samples);
  return isLower ? `${hits} of ${samples} answers are right, less than ${claim.atLeast} of ${claim.of}` : undefined;
}

type Threshold = Extract<Claim, { atLeast: number }>;
type Difference = Exclude<Claim, Threshold>;
/** Right answers; for parity and equal opportunity, answers that are the claim's class. */
export type Rate = { readonly hits: number; readonly samples: number };

function isThreshold(claim: Claim): claim is Threshold {
  return 'atLeast' in claim;
}

function rateOf(claim: Threshold, counts: AuditCounts): Rate {
  if (claim.kind === 'calibration') {
    const reached = reliabilityOf(counts).slice(claim.margin);
    return { hits: sum(reached.map(({ hits }) => hits)), samples: sum(reached.map(({ samples }) => samples)) };
  }
  const about = claim.kind === 'recall' ? { class: claim.class } : {};
  return { hits: correctOf(counts, about), samples: samplesOf(counts, about) };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function groupRates(claim: Difference, counts: AuditCounts): Rate[] {
  const among = claim.kind === 'equal-opportunity' ? { class: claim.class } : {};
  return Array.from({ length: counts.groups }, (_, group) => ({
    hits: samplesOf(counts, { ...among, group, answer: claim.class }),
    samples: samplesOf(counts, { ...among, group }),
  }));
}

/** Two groups that differ by more than a claim says. A group without samples differs from none. */
function largerDifference({ atMost }: Difference, rates: readonly Rate[]): string | undefined {
  const { numerator, denominator } = atMost;
  for (const [g, x] of rates.entries()) {
    for (const [h, y] of rates.entries()) {
      const [hits, samples, otherHits, otherSamples] = [x.hits, x.samples, y.hits, y.samples].map(BigInt) as [
        bigint,
        bigint,
        bigint,
        bigint,
      ];
      // hits / samples - otherHits / otherSamples > numerator / denominator
      if ((hits * otherSamples - otherHits * samples) * BigInt(denominator) > BigInt(numerator) * samples * otherSamples) {
        return `groups ${g} and ${h} differ by more than ${numerator}/${denominator}: ${hits} of ${samples} and ${otherHits} of ${otherSamples}`;
      }
    }
  }
  return undefined;
}

/** @throws AUDIT_CLAIM_FALSE (exit code 3) for the first claim that the counts do not bear out */
export function assertClaims(claims: readonly Claim[], counts: AuditCounts): void {
  for (const claim of claims) {
    const problem = claimProblem(claim, counts);
    if (problem !== undefined) throw new AssayError('AUDIT_CLAIM_FALSE', `${claim.kind}: ${problem}`, { exitCode: exitCodes.proofInvalid });
  }
}
