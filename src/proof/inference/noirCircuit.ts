import { AssayError } from '../../errors.ts';
import { inferenceBounds } from '../../quant/inferenceBounds.ts';
import { weightBits } from '../../quant/spec.ts';
import type { InferenceInstance } from '../circuitInstance.ts';
import { assertInjective, packedLength } from '../windowCircuit.ts';
import { type ForwardLayout, forwardSource, sourceLines } from './forwardSource.ts';

/** Static facts of a Noir inference circuit, derived once from its instance and shared by generator and witness builder. */
export type NoirInferenceLayout = ForwardLayout & {
  /** Width of one public output: 8 for a class, zBits of the last layer for a logit. */
  readonly outputBits: number;
  /** Public words that the outputs pack into. */
  readonly outputWords: number;
  /** Fields that the features pack into. */
  readonly featureFields: number;
  /** Fields absorbed for the challenge b. */
  readonly transcriptB: number;
};

/** A class is packed into 8 bits. */
const maxClasses = 256;
/** Rows of a layer, bias included, stay below rho = a^65536. */
const maxRows = 65_536;
const maxLayers = 16;
/** No value that a circuit forms from range-checked cells may come near the field's order. */
const widthLimit = 250;

/**
 * @throws CIRCUIT_WIDTH: a packing would not be injective, a value could reach 2^250, or powers of a claim would meet those of the next;
 *   CIRCUIT_SHAPE: not a Noir circuit of 1 to 16 layers and at least one input; QUANT_BOUND_EXCEEDED
 */
export function noirInferenceLayout(instance: InferenceInstance): NoirInferenceLayout {
  const { sizes, spec, inputs, output, system } = instance;
  const last = sizes.length - 2;
  const positive = (x: number): boolean => Number.isSafeInteger(x) && x >= 1;
  if (system !== 'noir' || !positive(inputs) || last < 0 || last >= maxLayers || !sizes.every(positive)) {
    throw new AssayError(
      'CIRCUIT_SHAPE',
      `${instance.name}: a Noir circuit answers at least one input with a model of 1 to ${maxLayers} layers`,
    );
  }
  const classes = sizes[last + 1] as number;
  if (output === 'class' && classes > maxClasses) {
    throw new AssayError('CIRCUIT_WIDTH', `${classes} classes: a class is packed into 8 bits`, { hint: 'Answer with logits.' });
  }
  const largest = Math.max(...sizes.slice(0, -1));
  if (largest >= maxRows)
    throw new AssayError('CIRCUIT_WIDTH', `a layer of ${largest} inputs and the bias: powers of a would meet powers of rho = a^${maxRows}`);
  const { zBits, excess } = inferenceBounds(spec, sizes);
  const outputBits = output === 'class' ? 8 : (zBits[last] as number);
  assertInjective([spec.fx, outputBits, ...zBits], instance.name);
  // The largest value formed from one neuron's cells: 2^Fw times a quotient.
  const reach = Math.max(...excess, spec.actBits, ...zBits) + weightBits(spec) + 2;
  if (reach >= widthLimit) throw new AssayError('CIRCUIT_WIDTH', `a value can reach 2^${reach}`);
  const outputWords = packedLength(outputBits, output === 'class' ? inputs : inputs * classes);
  const zFields = zBits.map((width, l) => packedLength(width, inputs * (sizes[l + 1] as number)));
  const rows = sizes.slice(0, -1).reduce((sum, n) => sum + n + 1, 0);
  return {
    zBits,
    excess,
    outputBits,
    outputWords,
    featureFields: packedLength(spec.fx, inputs * (sizes[0] as number)),
    zFields,
    transcriptB: 3 + outputWords + zFields.reduce((sum, fields) => sum + fields, 0),
    transcriptA: 1 + rows + 2,
  };
}

/** Noir source of an instance's `main.nr`: sizes and calls only, the constraints are in circuits/noir/lib. */
export function noirInferenceSource(instance: InferenceInstance): string {
  const { sizes, spec, inputs, output } = instance;
  const layout = noirInferenceLayout(instance);
  const last = sizes.length - 2;
  const classes = sizes[last + 1] as number;
  const lines = sourceLines();
  const { add } = lines;
  const forward = forwardSource({ sizes, spec, samples: inputs, layout });
  add(0, `// Generated for ${instance.name} (${sizes.join('-')}, ${inputs} inputs, ${output}): do not edit.`);
  add(0, '// Statement, inputs and ranges: circuits/README.md. Constraints: circuits/noir/lib.');
  add(0, 'use assay::{inference, packing, sketch, sponge};');
  add(0, '');
  add(0, 'fn main(');
  add(1, 'binding: pub Field,');
  add(1, 'input_id: pub Field,');
  add(1, `outputs: pub [Field; ${layout.outputWords}],`);
  add(1, 'blinder: Field,');
  add(1, 'salt: Field,');
  add(1, `features: [[Field; ${sizes[0]}]; ${inputs}],`);
  forward.cells(lines, output === 'class');
  forward.sketches(lines);
  add(0, ') -> pub [Field; 3] {');
  add(1, '// 1. Ranges, activations, answers.');
  add(1, `let id = inference::input_id::<${inputs}, ${sizes[0]}, ${spec.fx}, ${layout.featureFields}>(features, salt);`);
  add(1, 'assert(id == input_id, "the input is not the committed one");');
  forward.ranges(lines);
  if (output === 'class') {
    const generics = [inputs, classes, layout.zBits[last], layout.outputWords].join(', ');
    add(1, `let answers = inference::classes::<${generics}>(logits, one_hot);`);
  } else {
    add(1, `let answers = packed${last};`);
  }
  add(1, `for i in 0..${layout.outputWords} {`);
  add(2, 'assert(answers[i] == outputs[i], "the answer differs");');
  add(1, '}');
  add(0, '');
  add(1, '// 2. Everything into b.');
  add(1, `let mut transcript = [0; ${layout.transcriptB}];`);
  add(1, 'transcript[0] = binding;');
  add(1, 'transcript[1] = input_id;');
  add(1, 'transcript = packing::place(transcript, outputs, 2);');
  add(1, `transcript[${2 + layout.outputWords}] = blinder;`);
  forward.challengeB(lines, 3 + layout.outputWords);
  add(0, '');
  forward.challengeA(lines);
  add(0, '');
  forward.freivalds(lines);
  add(0, '');
  forward.claim(lines);
  return lines.text();
}
