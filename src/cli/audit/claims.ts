import { z } from 'zod';
import { type AuditCounts, type Claim, correctOf, reliabilityOf, samplesOf } from '../../audit/claims.ts';
import { AssayError, exitCodes } from '../../errors.ts';
import type { InputSpec } from '../framework/command.ts';

/** A part of all, as the user wrote it: `95/100` or `95%`. */
type Share = { readonly numerator: number; readonly denominator: number; readonly percent: boolean };

/** A claim as the user wrote it: how many samples there are is not known yet. */
export type AskedClaim =
  | { readonly kind: 'accuracy'; readonly share: Share }
  | { readonly kind: 'calibration'; readonly margin: number; readonly share: Share }
  | { readonly kind: 'recall' | 'parity' | 'equal-opportunity'; readonly class: string; readonly share: Share };

const notation =
  'accuracy:900/1000, recall:CLASS:95/100, parity:CLASS:5/100, equal-opportunity:CLASS:5/100 or calibration:THRESHOLD:99/100, the first threshold being 1 (or a percentage: accuracy:90%)';

/** `95/100`, `95%` or `99.5%`; undefined for anything else. */
function readShare(text: string): Share | undefined {
  const ratio = /^(\d{1,9})\/(\d{1,9})$/.exec(text);
  if (ratio !== null && Number(ratio[2]) > 0) return { numerator: Number(ratio[1]), denominator: Number(ratio[2]), percent: false };
  const percent = /^(\d{1,3})(?:\.(\d{1,4}))?%$/.exec(text);
  if (percent === null) return undefined;
  const digits = percent[2] ?? '';
  const share = { numerator: Number(`${percent[1]}${digits}`), denominator: 100 * 10 ** digits.length, percent: true };
  return share.numerator <= share.denominator ? share : undefined;
}

const claimSchema = z.string().transform((text, ctx): AskedClaim => {
  const parts = text.split(':');
  const share = readShare(parts.at(-1) as string);
  const [kind] = parts;
  // Names of classes may have colons in them.
  const name = parts.slice(1, -1).join(':');
  if (share !== undefined && kind === 'accuracy' && parts.length === 2) return { kind, share };
  if (share !== undefined && name !== '' && (kind === 'recall' || kind === 'parity' || kind === 'equal-opportunity')) {
    return { kind, class: name, share };
  }
  if (share !== undefined && kind === 'calibration' && /^[1-9]\d?$/.test(name)) return { kind, margin: Number(name), share };
  ctx.addIssue(`expected ${notation}`);
  return z.NEVER;
});

export const claimOption: InputSpec<readonly AskedClaim[]> = {
  flags: '--claim <claims...>',
  description: `what the certificate is to say, beside the counts: ${notation}`,
  schema: z.array(claimSchema).max(64).default([]),
};

/**
 * Claims as a certificate has them: classes by number, `of` all that there are.
 *
 * @param classLabels what the model calls its classes
 * @throws CLI_BAD_OPTION for a class that there is not, or a percentage of no samples
 */
export function resolveClaims(
  asked: readonly AskedClaim[],
  counts: AuditCounts,
  classLabels: readonly (number | string)[] | null,
): Claim[] {
  return asked.map((claim): Claim => {
    const { share } = claim;
    const ratio = { numerator: share.numerator, denominator: share.denominator };
    if (claim.kind === 'accuracy') return { kind: claim.kind, ...amount(share, samplesOf(counts), 'in the set') };
    if (claim.kind === 'calibration') {
      const bins = Array.from({ length: counts.bins ?? 1 }, (_, bin) => bin).slice(claim.margin);
      if (bins.length === 0) throw usage(`there is no threshold ${claim.margin}: give --thresholds`);
      const all = bins.reduce((sum, bin) => sum + samplesOf(counts, { bin }), 0);
      return { kind: claim.kind, margin: claim.margin, ...amount(share, all, 'with such a margin') };
    }
    const number = classNumber(claim.class, counts.classes, classLabels);
    if (claim.kind === 'recall') {
      return { kind: claim.kind, class: number, ...amount(share, samplesOf(counts, { class: number }), `of class ${claim.class}`) };
    }
    return { kind: claim.kind, class: number, atMost: ratio };
  });
}

/** A number of samples, or so many of them that the percentage is reached. */
function amount({ numerator, denominator, percent }: Share, all: number, where: string): { atLeast: number; of: number } {
  if (!percent) return { atLeast: numerator, of: denominator };
  if (all === 0) throw usage(`there are no samples ${where}`);
  return { atLeast: Math.ceil((numerator * all) / denominator), of: all };
}

function classNumber(name: string, classes: number, classLabels: readonly (number | string)[] | null): number {
  const named = classLabels?.findIndex((label) => String(label) === name) ?? -1;
  if (named >= 0) return named;
  const number = /^\d{1,3}$/.test(name) && classLabels === null ? Number(name) : -1;
  if (number >= 0 && number < classes) return number;
  throw usage(`there is no class ${name}: ${classLabels === null ? `they are 0 to ${classes - 1}` : `they are ${classLabels.join(', ')}`}`);
}

/** A claim in words. */
export function sayClaim(claim: Claim): string {
  switch (claim.kind) {
    case 'accuracy':
      return `at least ${claim.atLeast} of ${claim.of} answers are right`;
    case 'recall':
      return `of class ${claim.class}, at least ${claim.atLeast} of ${claim.of} samples are answered rightly`;
    case 'calibration':
      return `of the answers whose margin reaches threshold ${claim.margin}, at least ${claim.atLeast} of ${claim.of} are right`;
    case 'parity':
      return `no two groups differ by more than ${claim.atMost.numerator}/${claim.atMost.denominator} in how often they are answered with class ${claim.class}`;
    case 'equal-opportunity':
      return `among samples of class ${claim.class}, no two groups differ by more than ${claim.atMost.numerator}/${claim.atMost.denominator} in how often they are answered with it`;
  }
}

/** What counts say, for people and programs. */
export type CountsFacts = {
  readonly samples: number;
  readonly correct: number;
  /** Right answers and samples of each class. */
  readonly classes: readonly { readonly class: number; readonly correct: number; readonly samples: number }[];
  /** Right answers and samples of each group, the same of its classes, and how many of it were answered with each class; none where there is one group. */
  readonly groups: readonly {
    readonly group: number;
    readonly correct: number;
    readonly samples: number;
    readonly classes: readonly { readonly correct: number; readonly samples: number }[];
    readonly given: readonly number[];
  }[];
  /** Right answers and samples by how sure the model was, the least first; none without thresholds. */
  readonly margins: readonly { readonly correct: number; readonly samples: number }[];
  /** confusion[class][answer], of all groups. */
  readonly confusion: readonly (readonly number[])[];
};

export function countsFacts(counts: AuditCounts): CountsFacts {
  const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
  const classes = upTo(counts.classes);
  return {
    samples: samplesOf(counts),
    correct: correctOf(counts),
    classes: classes.map((k) => ({ class: k, correct: correctOf(counts, { class: k }), samples: samplesOf(counts, { class: k }) })),
    groups:
      counts.groups === 1
        ? []
        : upTo(counts.groups).map((group) => ({
            group,
            correct: correctOf(counts, { group }),
            samples: samplesOf(counts, { group }),
            classes: classes.map((k) => ({
              correct: correctOf(counts, { group, class: k }),
              samples: samplesOf(counts, { group, class: k }),
            })),
            given: classes.map((answer) => samplesOf(counts, { group, answer })),
          })),
    margins: (counts.bins ?? 1) === 1 ? [] : reliabilityOf(counts).map(({ hits, samples }) => ({ correct: hits, samples })),
    confusion: classes.map((k) => classes.map((answer) => samplesOf(counts, { class: k, answer }))),
  };
}

/** Rows of a table. */
export function countsRows(facts: CountsFacts): string[][] {
  const share = (part: number, all: number): string => (all === 0 ? 'none' : `${part} of ${all} (${((100 * part) / all).toFixed(1)} %)`);
  return [
    ['right', share(facts.correct, facts.samples)],
    ...facts.classes.map((one) => [`class ${one.class}`, `${share(one.correct, one.samples)} right`]),
    ...facts.margins.map((one, bin) => [`margin ${bin}`, `${share(one.correct, one.samples)} right`]),
    ...facts.groups.flatMap((one) => [
      [`group ${one.group}`, `${share(one.correct, one.samples)} right`],
      ['  classes', one.classes.map(({ correct, samples }, k) => `${k}: ${share(correct, samples)} right`).join(', ')],
      ['  answers', one.given.map((given, k) => `${k}: ${share(given, one.samples)}`).join(', ')],
    ]),
  ];
}

function usage(message: string): AssayError {
  return new AssayError('CLI_BAD_OPTION', message, { exitCode: exitCodes.usage });
}
