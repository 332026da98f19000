import { maxThreshold, maxThresholds, thresholdsProblem } from '../../commitment/marginThresholds.ts';
import { tripleCount } from '../../commitment/merkle.ts';
import { AssayError } from '../../errors.ts';
import type { AuditInstance, InferenceInstance } from '../circuitInstance.ts';
import { type ForwardLayout, forwardSource, sourceLines } from '../inference/forwardSource.ts';
import { noirInferenceLayout } from '../inference/noirCircuit.ts';
import { packedLength } from '../windowCircuit.ts';

/** Static facts of an audit circuit, derived once from its instance and shared by generator and witness builder. */
export type AuditLayout = ForwardLayout & {
  readonly classes: number;
  /** G C: labels a sample can have. */
  readonly labels: number;
  /** Bins of margins: one more than thresholds. */
  readonly bins: number;
  /** G C^2 bins. */
  readonly counts: number;
  /** Fields that the counts pack into. */
  readonly countFields: number;
  /** Public words that stand for them: 1 where they are committed. */
  readonly countWords: number;
  readonly triples: number;
  /** Fields that a chunk's features and labels pack into. */
  readonly featureFields: number;
  readonly labelFields: number;
  /** Fields absorbed for the challenge b. */
  readonly transcriptB: number;
};

/** A label has 8 bits, and one value more for a sample that only fills. */
const maxLabels = 255;
const maxSamples = 65_535;
const maxDepth = 8;
/** AuditShape.MAX_COUNT_WORDS. */
const maxCountWords = 256;
/** Bits of a count: at most all samples of a chunk. */
export const countBits = 16;

/** @throws CIRCUIT_SHAPE: labels, samples, depth, thresholds or counts beyond the limits; those of noirInferenceLayout */
export function auditLayout(instance: AuditInstance): AuditLayout {
  const { name, sizes, spec, samples, groups, treeDepth, output, thresholds } = instance;
  const classes = sizes.at(-1) as number;
  const labels = groups * classes;
  const between = (x: number, low: number, high: number): boolean => Number.isSafeInteger(x) && x >= low && x <= high;
  if (
    !between(samples, 1, maxSamples) ||
    !between(groups, 1, maxLabels) ||
    !between(labels, 2, maxLabels) ||
    !between(treeDepth, 1, maxDepth)
  ) {
    throw new AssayError(
      'CIRCUIT_SHAPE',
      `${name}: an audit has 1 to ${maxSamples} samples a proof, 2 to ${maxLabels} labels (classes times groups) and a tree of depth 1 to ${maxDepth}`,
    );
  }
  const { zBits, excess, zFields, transcriptA } = noirInferenceLayout(forwardInstance(instance));
  const widest = 2 ** (zBits.at(-1) as number);
  if (thresholdsProblem(thresholds) !== undefined || thresholds.some((threshold) => threshold >= widest)) {
    const most = Math.min(widest - 1, maxThreshold);
    throw new AssayError('CIRCUIT_SHAPE', `${name}: margins have at most ${maxThresholds} thresholds, rising, from 1 to ${most}`);
  }
  if (thresholds.length > 0 && classes < 2) throw new AssayError('CIRCUIT_SHAPE', `${name}: one class has no margin over others`);
  const bins = thresholds.length + 1;
  const counts = labels * classes * bins;
  const countFields = packedLength(countBits, counts);
  if (countFields > maxCountWords) throw new AssayError('CIRCUIT_SHAPE', `${name}: ${counts} counts are more than ${maxCountWords} words`);
  const countWords = output === 'counts' ? countFields : 1;
  const triples = tripleCount(sizes[0] as number);
  return {
    zBits,
    excess,
    zFields,
    transcriptA,
    classes,
    labels,
    bins,
    counts,
    countFields,
    countWords,
    triples,
    featureFields: packedLength(3 * spec.fx, samples * triples),
    labelFields: packedLength(8, samples),
    transcriptB: 5 + countWords + zFields.reduce((sum, fields) => sum + fields, 0),
  };
}

/** The inference whose answers are counted. */
export function forwardInstance({ name, sizes, spec, blockLog, samples }: AuditInstance): InferenceInstance {
  return { name, statement: 'inference', system: 'noir', sizes, spec, blockLog, inputs: samples, output: 'class' };
}

/** Noir source of an instance's `main.nr`: sizes and calls only, the constraints are in circuits/noir/lib. */
export function auditSource(instance: AuditInstance): string {
  const { sizes, spec, samples, groups, treeDepth, output, thresholds } = instance;
  const layout = auditLayout(instance);
  const { classes, labels, bins, counts, countFields, countWords, triples } = layout;
  const width = layout.zBits.at(-1) as number;
  const lines = sourceLines();
  const { add } = lines;
  const forward = forwardSource({ sizes, spec, samples, layout });
  add(0, `// Generated for ${instance.name} (${sizes.join('-')}, ${samples} samples, ${groups} groups, ${output}): do not edit.`);
  add(0, '// Statement, inputs and ranges: circuits/README.md. Constraints: circuits/noir/lib.');
  add(0, 'use assay::{audit, inference, minibatch, packing, sketch, sponge};');
  add(0, '');
  add(0, 'fn main(');
  add(1, 'binding: pub Field,');
  add(1, 'root: pub Field,');
  add(1, 'chunk: pub Field,');
  add(1, `counts: pub [Field; ${countWords}],`);
  add(1, 'blinder: Field,');
  add(1, 'salt: Field,');
  add(1, `siblings: [Field; ${treeDepth}],`);
  add(1, `features: [[Field; ${sizes[0]}]; ${samples}],`);
  add(1, `labels: [Field; ${samples}],`);
  add(1, `table: [Field; ${counts}],`);
  if (output === 'committed') add(1, 'count_salt: Field,');
  if (bins > 1) {
    add(1, `second: [Field; ${samples}],`);
    add(1, `bins: [[Field; ${bins}]; ${samples}],`);
  }
  forward.cells(lines, true);
  forward.sketches(lines);
  add(0, ') -> pub [Field; 3] {');
  add(1, '// 1. The chunk of the set; ranges, activations, answers; counts.');
  add(1, `let triples = minibatch::triples::<${sizes[0]}, ${samples}, ${triples}, ${spec.fx}>(features);`);
  const leafGenerics = [triples, samples, spec.fx, layout.featureFields, layout.labelFields].join(', ');
  add(1, `let leaf = audit::leaf::<${leafGenerics}>(triples, labels, salt);`);
  add(1, 'audit::assert_leaf(root, chunk, leaf, siblings);');
  forward.ranges(lines);
  // The packing is not used: what counts is that each `one_hot` is the first largest logit's.
  add(1, `let _ = inference::classes::<${[samples, classes, width, packedLength(8, samples)].join(', ')}>(logits, one_hot);`);
  if (bins > 1) {
    const generics = [samples, classes, bins, bins + 1, width].join(', ');
    const edges = [0, ...thresholds, 2 ** width].join(', ');
    add(1, `audit::assert_bins::<${generics}>(logits, one_hot, second, bins, [${edges}]);`);
  }
  if (output === 'committed') add(1, `let said = [audit::committed_counts::<${counts}, ${countFields}>(table, count_salt)];`);
  else add(1, `let said = audit::packed_counts::<${counts}, ${countFields}>(table);`);
  add(1, `for i in 0..${countWords} {`);
  add(2, 'assert(said[i] == counts[i], "the counts differ");');
  add(1, '}');
  add(0, '');
  add(1, '// 2. Everything into b.');
  add(1, `let mut transcript = [0; ${layout.transcriptB}];`);
  add(1, 'transcript[0] = binding;');
  add(1, 'transcript[1] = root;');
  add(1, 'transcript[2] = chunk;');
  add(1, 'transcript = packing::place(transcript, counts, 3);');
  add(1, `transcript[${3 + countWords}] = blinder;`);
  add(1, `transcript[${4 + countWords}] = leaf;`);
  forward.challengeB(lines, 5 + countWords);
  const told = bins > 1 ? 'bins' : `[[1]; ${samples}]`;
  add(1, `audit::assert_counts::<${samples}, ${classes}, ${bins}, ${labels}, ${counts}>(labels, one_hot, ${told}, table, b);`);
  add(0, '');
  forward.challengeA(lines);
  add(0, '');
  forward.freivalds(lines);
  add(0, '');
  forward.claim(lines);
  return lines.text();
}
