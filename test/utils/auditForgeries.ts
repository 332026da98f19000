import { inv, mod } from '../../src/commitment/field.ts';
import { auditLayout } from '../../src/proof/audit/circuit.ts';
import { forwardPass } from '../../src/quant/forwardPass.ts';
import { auditCase, testAudit } from './auditFixture.ts';
import type { ForgeAuditParameters } from './auditForgery.ts';

// Counts of what a model does not answer. Each lie breaks exactly the constraints named, one of which is the line of the sources.

export const auditInstance = testAudit([4, 3, 2]);
// The last two samples have one label; the first of them is answered rightly.
export const auditGiven = await auditCase(auditInstance, 'mixed 9', 1);
const given = auditGiven;

// Three classes and four bins; the samples' margins are 7728, 2938, 4854, 5333 and 6291, and all but the second have one label and one answer.
export const marginInstance = testAudit([4, 3, 3], { samples: 5, groups: 1, thresholds: [3000, 5000, 6500] });
export const marginGiven = await auditCase(marginInstance, 'margins f', 1);
const margins = marginGiven;
export const tooWide = `range ${auditLayout(marginInstance).zBits.at(-1)}`;
const half = inv(2n);

/** Moves one count from the first entry that has any to the next one. */
const moved = (counts: readonly bigint[]): bigint[] => {
  const from = counts.findIndex((count) => count > 0n);
  const to = (from + 1) % counts.length;
  return counts.map((count, k) => (k === from ? count - 1n : k === to ? count + 1n : count));
};

/** One sample more in the first entry: one more right answer. */
const raised = (counts: readonly bigint[]): bigint[] => counts.map((count, k) => (k === 0 ? count + 1n : count));

/** Values of the first two counts with their packing as said and their sum at b as it is. */
function solvedPair(said: readonly bigint[], truth: readonly bigint[], b: bigint): bigint[] {
  const at = (counts: readonly bigint[], base: bigint): bigint => counts.reduceRight((sum, count) => mod(sum * base + count), 0n);
  const rest = said.map((count, k) => (k < 2 ? 0n : count));
  const packed = (said[0] as bigint) + (said[1] as bigint) * 2n ** 16n;
  const sum = mod(at(truth, b) - at(rest, b));
  const second = mod((sum - packed) * inv(mod(b - 2n ** 16n)));
  return [mod(packed - second * 2n ** 16n), second, ...said.slice(2)];
}

/** Another row for one sample. */
const answered =
  (s: number, one: readonly bigint[]) =>
  (rows: readonly (readonly bigint[])[]): readonly (readonly bigint[])[] =>
    rows.with(s, one);

export const otherLabels = (labels: readonly number[], shift: number): number[] =>
  labels.map((label, s) => (s === 0 ? (label + shift) % 4 : label));

const logitRange = `range ${auditLayout(auditInstance).zBits.at(-1)}`;
const classLine = '(largest - logits[s][j] - 1 + reached).assert_max_bit_size::<ZB>();';

type Forgery = readonly [string, readonly string[], string, ForgeAuditParameters];

export const auditForgeries: readonly Forgery[] = [
  ['a count moved: another answer', ['audit: other counts'], 'assert(seen == said, "audit: other counts");', { given, counts: moved }],
  [
    'one right answer more than there are',
    ['audit: other counts'],
    'assert(seen == said, "audit: other counts");',
    { given, counts: raised },
  ],
  [
    'counts that only look right in the packing',
    ['range 16'],
    'counts[k].assert_max_bit_size::<16>();',
    { given, counts: moved, table: solvedPair },
  ],
  [
    'words of other counts',
    ['the counts differ'],
    'assert(said[i] == counts[i], "the counts differ");',
    { given, words: ([word]) => [(word as bigint) + 1n] },
  ],
  [
    'another class of one sample',
    ['audit: not that chunk of the set'],
    'assert(node == root, "audit: not that chunk of the set");',
    { given, labels: (labels) => otherLabels(labels, 1) },
  ],
  [
    'another group of one sample',
    ['audit: not that chunk of the set'],
    'assert(node == root, "audit: not that chunk of the set");',
    { given, labels: (labels) => otherLabels(labels, 2) },
  ],
  [
    'a sample that is said to only fill',
    ['audit: not that chunk of the set'],
    'assert(node == root, "audit: not that chunk of the set");',
    { given, labels: (labels) => labels.with(0, 4) },
  ],
  [
    'this chunk under the number of another',
    ['audit: not that chunk of the set'],
    'assert(node == root, "audit: not that chunk of the set");',
    { given, chunk: 0n },
  ],
  [
    'this chunk under the number of another, with its path',
    ['audit: not that chunk of the set'],
    'assert(node == root, "audit: not that chunk of the set");',
    { given, chunk: 0n, path: given.tree.path(0) },
  ],
  [
    'a set of other labels, under the root of this one',
    ['audit: not that chunk of the set'],
    'assert(node == root, "audit: not that chunk of the set");',
    { given, labels: (labels) => otherLabels(labels, 3), path: given.path },
  ],
  ['an answer that is not the largest logit', [logitRange], classLine, { given, oneHot: answered(2, [1n, 0n]) }],
  [
    'a right answer counted twice, for which a wrong one of its label is not',
    ['class: a one-hot entry is not a bit'],
    'assert(bit * bit == bit, "class: a one-hot entry is not a bit");',
    { given, oneHot: answered(1, [2n, -1n]) },
  ],
  [
    'a sample that gets both answers',
    ['class: not one-hot'],
    'assert(reached == 1, "class: not one-hot");',
    { given, oneHot: answered(2, [1n, 1n]) },
  ],
];

export const marginForgeries: readonly Forgery[] = [
  [
    'a margin that is said to reach a threshold more',
    [tooWide],
    '(margin - lower).assert_max_bit_size::<ZB>();',
    { given: margins, bins: (rows) => rows.with(2, [0n, 0n, 1n, 0n]) },
  ],
  [
    'a margin that is said to reach a threshold less',
    [tooWide],
    '(upper - 1 - margin).assert_max_bit_size::<ZB>();',
    { given: margins, bins: (rows) => rows.with(2, [1n, 0n, 0n, 0n]) },
  ],
  [
    'a margin over the third, not the second',
    [tooWide],
    'gap.assert_max_bit_size::<ZB>();',
    { given: margins, second: (honest) => honest.with(2, thirdOf(2)), bins: (rows) => rows.with(2, [0n, 0n, 0n, 1n]) },
  ],
  [
    'a margin over something that is no logit',
    ['margin: the second is no other logit'],
    'assert(missed == 0, "margin: the second is no other logit");',
    { given: margins, second: (honest) => honest.with(0, (honest[0] as number) + 2000), bins: (rows) => rows.with(0, [0n, 0n, 1n, 0n]) },
  ],
  [
    'a margin over the answer itself',
    ['margin: the second is no other logit'],
    'assert(missed == 0, "margin: the second is no other logit");',
    { given: margins, second: (honest) => honest.with(0, (honest[0] as number) + 7728), bins: (rows) => rows.with(0, [1n, 0n, 0n, 0n]) },
  ],
  [
    'two samples, each half in the bin of the other',
    ['margin: a bin is not a bit'],
    'assert(bit * bit == bit, "margin: a bin is not a bit");',
    { given: margins, bins: (rows) => rows.with(2, [0n, half, half, 0n]).with(3, [0n, half, half, 0n]) },
  ],
  [
    'a sample that counts in two bins',
    ['margin: not one bin'],
    'assert(chosen == 1, "margin: not one bin");',
    { given: margins, bins: (rows) => rows.with(2, [1n, 1n, 0n, 0n]) },
  ],
  [
    'one sample more in the highest bin than there is',
    ['audit: other counts'],
    'assert(seen == said, "audit: other counts");',
    { given: margins, counts: (counts) => counts.with(2, (counts[2] as bigint) - 1n).with(3, (counts[3] as bigint) + 1n) },
  ],
];

/** The smallest logit of a sample, as the circuit takes it. */
function thirdOf(sample: number): number {
  const passes = forwardPass(marginInstance.spec, marginInstance.sizes, margins.weights, margins.features);
  const logits = (passes.at(-1) as { z: Float64Array }).z.subarray(3 * sample, 3 * sample + 3);
  return Math.min(...logits) + 2 ** ((auditLayout(marginInstance).zBits.at(-1) as number) - 1);
}
