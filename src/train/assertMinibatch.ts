import type { Minibatch } from '../data/minibatch.ts';
import { AssayError } from '../errors.ts';
import type { ArithmeticSpec } from '../quant/spec.ts';

/**
 * Throws unless a minibatch has B samples of the right width with features below 2^fx and labels below the number of classes.
 *
 * @throws TRAIN_MINIBATCH_INVALID
 */
export function assertMinibatch(spec: ArithmeticSpec, sizes: readonly number[], batch: Pick<Minibatch, 'features' | 'labels'>): void {
  const samples = 2 ** spec.lb;
  const width = sizes[0] as number;
  const classes = sizes.at(-1) as number;
  const fail = (what: string): never => {
    throw new AssayError('TRAIN_MINIBATCH_INVALID', `minibatch: ${what}`);
  };
  if (batch.labels.length !== samples) fail(`${batch.labels.length} labels, the spec says ${samples} samples`);
  if (batch.features.length !== samples * width) fail(`${batch.features.length} features, expected ${samples} x ${width}`);
  const limit = 2 ** spec.fx;
  for (let i = 0; i < batch.features.length; i++) {
    if ((batch.features[i] as number) >= limit) fail(`feature ${batch.features[i]} has more than ${spec.fx} bits`);
  }
  for (let i = 0; i < samples; i++) if ((batch.labels[i] as number) >= classes) fail(`label ${batch.labels[i]} with ${classes} classes`);
}
