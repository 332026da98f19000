import { AssayError } from '../../errors.ts';
import { inferenceBounds } from '../../quant/inferenceBounds.ts';
import { weightBits } from '../../quant/spec.ts';
import type { InferenceInstance } from '../circuitInstance.ts';
import { assertInjective, packedLength } from '../windowCircuit.ts';

/** Static facts of an inference circuit, derived once from its instance and shared by generator and witness builder. */
export type InferenceLayout = {
  /** Width of z + 2^(zBits - 1), per layer. */
  readonly zBits: readonly number[];
  /** Width of one public output: 8 for a class, zBits of the last layer for a logit. */
  readonly outputBits: number;
  /** Public words that the outputs pack into. */
  readonly outputWords: number;
  /** Fields absorbed for the challenge b and for the challenge a. */
  readonly transcriptB: number;
  readonly transcriptA: number;
};

/** A class is packed into 8 bits. */
const maxClasses = 256;
/** Rows of a layer, bias included, stay below rho = a^65536. */
const maxRows = 65_536;
const maxLayers = 16;
/** Public words that the on-chain statement may have. */
const maxWords = 64;
/** No value that a circuit forms from range-checked ones may come near the field's order. */
const widthLimit = 250;

/**
 * @throws CIRCUIT_WIDTH: a packing would not be injective, a value could reach 2^250, or powers of a claim would meet those of the next;
 *   CIRCUIT_SHAPE: not a single answer of 1 to 16 layers; QUANT_BOUND_EXCEEDED
 */
export function circomInferenceLayout(instance: InferenceInstance): InferenceLayout {
  const { sizes, spec, inputs, output, system } = instance;
  const last = sizes.length - 2;
  if (system !== 'circom' || inputs !== 1 || last < 0 || last >= maxLayers || sizes.some((n) => !Number.isSafeInteger(n) || n < 1)) {
    throw new AssayError('CIRCUIT_SHAPE', `${instance.name}: a circom circuit answers one input with a model of 1 to ${maxLayers} layers`, {
      hint: 'Prove batches with the system noir.',
    });
  }
  const classes = sizes[last + 1] as number;
  if (output === 'class' && classes > maxClasses) {
    throw new AssayError('CIRCUIT_WIDTH', `${classes} classes: a class is packed into 8 bits`, { hint: 'Answer with logits.' });
  }
  const largest = Math.max(...sizes.slice(0, -1));
  if (largest >= maxRows)
    throw new AssayError('CIRCUIT_WIDTH', `a layer of ${largest} inputs and the bias: powers of a would meet powers of rho = a^${maxRows}`);
  const { zBits } = inferenceBounds(spec, sizes);
  const outputBits = output === 'class' ? 8 : (zBits[last] as number);
  assertInjective([spec.fx, outputBits, ...zBits], instance.name);
  // The largest value that range checks speak of: a difference of two logits.
  const reach = Math.max(...zBits) + 1;
  if (reach >= widthLimit) throw new AssayError('CIRCUIT_WIDTH', `a value can reach 2^${reach}`);
  const outputWords = packedLength(outputBits, output === 'class' ? 1 : classes);
  if (outputWords > maxWords) {
    throw new AssayError(
      'CIRCUIT_SHAPE',
      `${instance.name}: the logits take ${outputWords} public words, at most ${maxWords} are verified`,
    );
  }
  const packed = zBits.reduce((sum, width, l) => sum + packedLength(width, sizes[l + 1] as number), 0);
  const rows = sizes.slice(0, -1).reduce((sum, n) => sum + n + 1, 0);
  return { zBits, outputBits, outputWords, transcriptB: 3 + outputWords + packed, transcriptA: 1 + rows + 2 };
}

/** Circom source of an instance's `main.circom`: sizes and calls only, the constraints are in circuits/circom/lib. */
export function circomInferenceSource(instance: InferenceInstance): string {
  const { sizes, spec, output } = instance;
  const { zBits, outputWords, transcriptB, transcriptA } = circomInferenceLayout(instance);
  const last = sizes.length - 2;
  const size = (l: number): number => sizes[l] as number;
  const width = (l: number): number => zBits[l] as number;
  const layers = Array.from({ length: last + 1 }, (_, l) => l);
  const bias = 2 ** spec.fa;
  const lines: string[] = [];
  const add = (indent: number, text: string): void => {
    lines.push(text === '' ? '' : ' '.repeat(2 * indent) + text);
  };
  /** Copies n elements of `from` into `to` at `offset`. */
  const place = (to: string, offset: number, from: string, n: number): void => {
    add(1, `for (var i = 0; i < ${n}; i++) {`);
    add(2, `${to}[${offset} + i] <== ${from}[i];`);
    add(1, '}');
  };
  const packedOf = (l: number): number => packedLength(width(l), size(l + 1));

  add(0, 'pragma circom 2.2.2;');
  add(0, '');
  add(0, `// Generated for ${instance.name} (${sizes.join('-')}, ${output}): do not edit.`);
  add(0, '// Statement, inputs and ranges: circuits/README.md. Constraints: circuits/circom/lib.');
  add(0, 'include "lib/inference.circom";');
  add(0, '');
  add(0, 'template Inference() {');
  add(1, 'signal input binding;');
  add(1, 'signal input inputId;');
  add(1, `signal input outputs[${outputWords}];`);
  add(1, 'signal input b;');
  add(1, 'signal input a;');
  add(1, 'signal input claim;');
  add(1, `signal input features[${size(0)}];`);
  add(1, 'signal input salt;');
  add(1, 'signal input blinder;');
  add(1, '// z + 2^(zBits - 1)');
  for (const l of layers) add(1, `signal input logits${l}[${size(l + 1)}];`);
  for (const l of layers) add(1, `signal input y${l}[${size(l) + 1}];`);
  add(1, 'signal input maskClaim;');
  add(0, '');
  add(1, '// 1. Ranges, activations, answer.');
  add(1, `signal idOfInput <== InputId(${size(0)}, ${spec.fx})(features, salt);`);
  add(1, 'inputId === idOfInput;');
  for (const l of layers) {
    add(1, `signal packed${l}[${packedOf(l)}];`);
    if (l === last) {
      add(1, `packed${l} <== OutputLayer(${size(l + 1)}, ${width(l)})(logits${l});`);
    } else {
      add(1, `signal a${l + 1}[${size(l + 1)}];`);
      add(1, `(a${l + 1}, packed${l}) <== HiddenLayer(${size(l + 1)}, ${width(l)}, ${weightBits(spec)}, ${spec.actBits})(logits${l});`);
    }
  }
  if (output === 'class') {
    add(1, `signal answer <== Argmax(${size(last + 1)}, ${width(last)})(logits${last});`);
    add(1, 'outputs[0] === answer;');
  } else {
    add(1, `for (var i = 0; i < ${outputWords}; i++) {`);
    add(2, `outputs[i] === packed${last}[i];`);
    add(1, '}');
  }
  add(0, '');
  add(1, '// 2. Everything into b.');
  add(1, `signal transcriptB[${transcriptB}];`);
  add(1, 'transcriptB[0] <== binding;');
  add(1, 'transcriptB[1] <== inputId;');
  place('transcriptB', 2, 'outputs', outputWords);
  add(1, `transcriptB[${2 + outputWords}] <== blinder;`);
  let at = 3 + outputWords;
  for (const l of layers) {
    place('transcriptB', at, `packed${l}`, packedOf(l));
    at += packedOf(l);
  }
  add(1, `signal drawnB <== Transcript(3, ${transcriptB})(transcriptB);`);
  add(1, 'b === drawnB;');
  add(0, '');
  add(1, '// 3. The sketches and the claim of the mask into a.');
  add(1, `signal transcriptA[${transcriptA}];`);
  add(1, 'transcriptA[0] <== b;');
  at = 1;
  for (const l of layers) {
    place('transcriptA', at, `y${l}`, size(l) + 1);
    at += size(l) + 1;
  }
  add(1, `transcriptA[${at}] <== maskClaim;`);
  // With E, a guess of the weights gives the mask's claim: without the blinder it could be checked against a.
  add(1, `transcriptA[${at + 1}] <== blinder;`);
  add(1, `signal drawnA <== Transcript(4, ${transcriptA})(transcriptA);`);
  add(1, 'a === drawnA;');
  add(0, '');
  add(1, '// 4. Layers.');
  for (const l of layers) {
    const from = l === 0 ? 'features' : `a${l}`;
    add(1, `AssertProduct(${size(l)}, ${size(l + 1)}, ${width(l)}, ${bias})(logits${l}, ${from}, y${l}, b);`);
  }
  add(0, '');
  add(1, '// 5. Claims.');
  add(1, `signal claims[${last + 2}];`);
  for (const l of layers) add(1, `claims[${l}] <== Evaluate(${size(l) + 1})(y${l}, a);`);
  add(1, `claims[${last + 1}] <== maskClaim;`);
  add(1, 'signal rho <== Separator()(a);');
  add(1, `signal combined <== Evaluate(${last + 2})(claims, rho);`);
  add(1, 'claim === combined;');
  add(0, '}');
  add(0, '');
  add(0, 'component main {public [binding, inputId, outputs, b, a, claim]} = Inference();');
  return `${lines.join('\n')}\n`;
}
