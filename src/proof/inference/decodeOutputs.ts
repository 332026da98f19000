import type { InferenceShape } from '../../commitment/ids.ts';
import { unpack } from '../../commitment/packing.ts';

/** One answer: a class, or the logits of every class (scale 2^-(fa + Fw)). */
export type Answer = number | readonly number[];

/**
 * The answers in a statement's output words, sample by sample.
 *
 * @param words the statement's, from the fifth on
 * @throws COMMITMENT_PACK_RANGE where they are not the packing of so many values
 */
export function decodeOutputs(
  shape: Pick<InferenceShape, 'sizes' | 'inputs' | 'output' | 'outputBits'>,
  words: readonly bigint[],
): readonly Answer[] {
  const classes = shape.sizes.at(-1) as number;
  const perSample = shape.output === 'class' ? 1 : classes;
  const values = unpack(words, shape.outputBits, shape.inputs * perSample);
  const offset = 2 ** (shape.outputBits - 1);
  return Array.from({ length: shape.inputs }, (_, i) =>
    shape.output === 'class' ? (values[i] as number) : values.slice(i * perSample, (i + 1) * perSample).map((value) => value - offset),
  );
}
