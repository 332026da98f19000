import type { Weights } from '../../commitment/kzg.ts';
import { binOf } from '../../commitment/marginThresholds.ts';
import { leafDigest } from '../../commitment/merkle.ts';
import { pack } from '../../commitment/packing.ts';
import { type Poseidon2, spongeTags } from '../../commitment/poseidon2.ts';
import { AssayError } from '../../errors.ts';
import { answerMargins } from '../../quant/answerMargins.ts';
import type { AuditInstance } from '../circuitInstance.ts';
import { fieldInput, forwardWitness } from '../inference/forwardWitness.ts';
import type { CircuitInputs } from '../windowWitness.ts';
import { type AuditLayout, auditLayout, countBits } from './circuit.ts';

export type AuditWitnessParameters = {
  readonly instance: AuditInstance;
  /** The word that stands for context, checkpointId and maskId (`bindingOf`). */
  readonly binding: bigint;
  /** Root of the audit set. */
  readonly root: bigint;
  /** Number of the chunk, from 0. */
  readonly chunk: number;
  /** Siblings of the chunk's leaf, from the leaf up. */
  readonly path: readonly bigint[];
  /** samples x sizes[0] integers in [0, 2^fx), sample by sample. */
  readonly features: ArrayLike<number>;
  /** `group * classes + class` of each sample, or `groups * classes` for none. */
  readonly labels: ArrayLike<number>;
  /** Of the chunk's leaf; 0 where the set is public. */
  readonly salt: bigint;
  /** Of the committed counts; none where counts are public. */
  readonly countSalt?: bigint;
  readonly weights: Weights;
  /** 16 random coefficients of the mask polynomial behind maskId. */
  readonly mask: readonly bigint[];
  /** Random field element: without it b would leak what can be guessed of the model. */
  readonly blinder: bigint;
};

export type AuditWitness = {
  readonly inputs: CircuitInputs;
  /** b, a, E. */
  readonly outputs: readonly [bigint, bigint, bigint];
  /** Samples by label, answer and bin of margin: entry `(label * classes + answer) * bins + bin`. */
  readonly counts: readonly number[];
  /** The statement's words from the sixth on. */
  readonly words: readonly bigint[];
};

/**
 * Builds the inputs of an audit circuit for one chunk, and its three outputs.
 *
 * @throws PROOF_INPUTS_INVALID for other numbers of features, labels, siblings or mask coefficients than the circuit takes, a label that is none, a
 *   chunk beyond the tree, or a salt of counts that are public; those of forwardWitness and auditLayout
 */
export function buildAuditWitness(p2: Poseidon2, parameters: AuditWitnessParameters): AuditWitness {
  const { instance, binding, root, chunk, path, features, labels, salt, countSalt, weights, mask, blinder } = parameters;
  const { name, sizes, spec, samples, treeDepth, output, thresholds } = instance;
  const layout = auditLayout(instance);
  const { classes, zBits } = layout;
  const fits =
    features.length === samples * (sizes[0] as number) &&
    labels.length === samples &&
    Array.from(labels).every((label) => Number.isSafeInteger(label) && label >= 0 && label <= layout.labels) &&
    path.length === treeDepth &&
    mask.length === 16 &&
    Number.isSafeInteger(chunk) &&
    chunk >= 0 &&
    chunk < 2 ** treeDepth &&
    (countSalt !== undefined) === (output === 'committed');
  if (!fits) {
    throw new AssayError(
      'PROOF_INPUTS_INVALID',
      `${name} takes one of ${2 ** treeDepth} chunks of ${samples} samples of ${sizes[0]} features, their labels up to ${layout.labels}, and 16 mask coefficients`,
    );
  }
  const forward = forwardWitness(p2, { spec, sizes, zBits, features, weights, mask, blinder });
  const margins = answerMargins(forward.logits, classes);
  const bins = margins.map((margin) => binOf(margin, thresholds));
  const counts = countAnswers(layout, labels, forward.classes, bins);
  const packed = pack(counts, countBits);
  const words = countSalt === undefined ? packed : [p2.sponge(spongeTags.counts, [...packed, countSalt])];
  const leaf = leafDigest(p2, features, spec.fx, labels, salt);
  const itemsB = [binding, root, BigInt(chunk), ...words, blinder, leaf, ...forward.packed.flat()];
  const { inputs, outputs } = forward.finish(itemsB, true);
  const own: CircuitInputs = {
    binding: fieldInput(binding),
    root: fieldInput(root),
    chunk,
    counts: words.map(fieldInput),
    salt: fieldInput(salt),
    siblings: path.map(fieldInput),
    labels: Array.from(labels),
    table: counts,
  };
  if (layout.bins > 1) {
    const offset = 2 ** ((zBits.at(-1) as number) - 1);
    own['second'] = margins.map((margin, s) => (forward.logits[s * classes + (forward.classes[s] as number)] as number) - margin + offset);
    own['bins'] = bins.map((bin) => Array.from({ length: layout.bins }, (_, i) => (i === bin ? 1 : 0)));
  }
  if (countSalt !== undefined) own['count_salt'] = fieldInput(countSalt);
  return { inputs: { ...own, ...inputs }, outputs, counts, words };
}

/**
 * Samples by label, answer and bin of margin: entry `(label * classes + answer) * bins + bin`; a label that is none of `labels` counts for nothing.
 */
export function countAnswers(
  { labels: labelCount, classes, bins: binCount }: Pick<AuditLayout, 'labels' | 'classes' | 'bins'>,
  labels: ArrayLike<number>,
  answers: readonly number[],
  bins: readonly number[],
): number[] {
  const counts = Array.from({ length: labelCount * classes * binCount }, () => 0);
  answers.forEach((answer, s) => {
    const label = labels[s] as number;
    if (label >= labelCount) return;
    const at = (label * classes + answer) * binCount + (bins[s] as number);
    counts[at] = (counts[at] as number) + 1;
  });
  return counts;
}
