import { z } from 'zod';
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
  /** Demographic parity: no two groups differ by more in how often they are given the answer `class`. */
  z.strictObject({ kind: z.literal('parity'), class: label, atMost: ratio }),
  /** Equal opportunity: the same among those whose class it is. */
  z.strictObject({ kind: z.literal('equal-opportunity'), class: label, atMost: ratio }),
]);
export type Claim = z.infer<typeof claimSchema>;

/** Counts of an audit: entry `(group * classes + class) * classes + answer`. */
export type AuditCounts = { readonly classes: number; readonly groups: number; readonly counts: readonly number[] };

/** Samples that fit: all of a kind that is not told. */
export type Filter = { readonly group?: number; readonly class?: number; readonly answer?: number };

/** How many samples there are of a group, a class and an answer. */
export function samplesOf({ classes, groups, counts }: AuditCounts, filter: Filter = {}): number {
  let sum = 0;
  for (let g = 0; g < groups; g++)
    for (let c = 0; c < classes; c++)
      for (let k = 0; k < classes; k++) {
        const fits = (filter.group ?? g) === g && (filter.class ?? c) === c && (filter.answer ?? k) === k;
        if (fits) sum += counts[(g * classes + c) * classes + k] as number;
      }
  return sum;
}

/** Right answers, of a group or class where one is told. */
export function correctOf(counts: AuditCounts, filter: Omit<Filter, 'answer'> = {}): number {
  return Array.from({ length: counts.classes }, (_, c) => c)
    .filter((c) => (filter.class ?? c) === c)
    .reduce((sum, c) => sum + samplesOf(counts, { ...filter, class: c, answer: c }), 0);
}

/** Why a claim is not what the counts say; undefined where it is. */
export function claimProblem(claim: Claim, counts: AuditCounts): string | undefined {
  const about = 'class' in claim ? { class: claim.class } : {};
  if ('class' in claim && claim.class >= counts.classes) return `there is no class ${claim.class}`;
  if (claim.kind === 'accuracy' || claim.kind === 'recall') {
    const total = samplesOf(counts, about);
    const correct = correctOf(counts, about);
    if (claim.of !== total) return `the counts are of ${total} samples, not ${claim.of}`;
    return correct >= claim.atLeast ? undefined : `${correct} of ${total} answers are right, fewer than ${claim.atLeast}`;
  }
  const among = claim.kind === 'equal-opportunity' ? about : {};
  const rates = Array.from({ length: counts.groups }, (_, group) => ({
    given: BigInt(samplesOf(counts, { ...among, group, answer: claim.class })),
    of: BigInt(samplesOf(counts, { ...among, group })),
  }));
  if (rates.length < 2) return 'there are no groups to compare';
  if (rates.some(({ of }) => of === 0n)) return 'a group has no samples to compare';
  const { numerator, denominator } = claim.atMost;
  for (const [g, x] of rates.entries()) {
    for (const [h, y] of rates.entries()) {
      // x / x.of - y / y.of > numerator / denominator
      if ((x.given * y.of - y.given * x.of) * BigInt(denominator) > BigInt(numerator) * x.of * y.of) {
        return `groups ${g} and ${h} differ by more than ${numerator}/${denominator}: ${x.given} of ${x.of} and ${y.given} of ${y.of}`;
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
