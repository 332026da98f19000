import { AssayError } from '../errors.ts';

/** Labelled samples in the fixed point of an arithmetic spec. */
export type Dataset = {
  readonly count: number;
  /** Features of a sample. */
  readonly width: number;
  readonly classes: number;
  /** Every feature lies in [0, 2^featureBits). */
  readonly featureBits: number;
  /** count x width, sample by sample. */
  readonly features: Uint8Array;
  /** count class numbers below `classes`. */
  readonly labels: Uint8Array;
};

/**
 * Throws unless lengths agree and every feature and label is in its range.
 *
 * @throws DATA_INVALID
 */
export function assertDataset(dataset: Dataset): void {
  const fail = (what: string): never => {
    throw new AssayError('DATA_INVALID', `data set: ${what}`);
  };
  const { count, width, classes, featureBits, features, labels } = dataset;
  const range = (name: string, value: number, low: number, high: number): void => {
    if (!Number.isSafeInteger(value) || value < low || value > high)
      fail(`${name} is ${value}, allowed are integers from ${low} to ${high}`);
  };
  range('count', count, 1, 2 ** 32 - 1);
  range('width', width, 1, 2 ** 20);
  range('classes', classes, 1, 256);
  range('featureBits', featureBits, 1, 8);
  if (features.length !== count * width) fail(`${features.length} features for ${count} samples of ${width}`);
  if (labels.length !== count) fail(`${labels.length} labels for ${count} samples`);
  const limit = 2 ** featureBits;
  for (let i = 0; i < features.length; i++) {
    if ((features[i] as number) >= limit) fail(`feature ${i % width} of sample ${Math.floor(i / width)} has more than ${featureBits} bits`);
  }
  for (let i = 0; i < count; i++) {
    if ((labels[i] as number) >= classes) fail(`the label of sample ${i} is ${labels[i]}, there are ${classes} classes`);
  }
}
