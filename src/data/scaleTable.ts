import { AssayError } from '../errors.ts';
import { assertDataset, type Dataset } from './dataset.ts';
import type { RawTable } from './rawTable.ts';

/** The half-open interval [low, high) of raw values that is mapped onto [0, 2^featureBits). */
export type Range = readonly [low: number, high: number];

/**
 * Each column's range over the given samples, for tables whose columns have units of their own. The largest value itself is clipped into the last level.
 *
 * @param samples numbers of the samples to look at (those that train, so that held-out data stays unseen)
 */
export function columnRanges(table: RawTable, samples: ArrayLike<number>): Range[] {
  return Array.from({ length: table.width }, (_, c) => {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let k = 0; k < samples.length; k++) {
      const value = table.values[(samples[k] as number) * table.width + c] as number;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    // A constant column says nothing: any range maps it to level 0.
    return [low, high > low ? high : low + 1] as const;
  });
}

/**
 * Raw values as integers: `clip(floor((v - low) * 2^featureBits / (high - low)), 0, 2^featureBits - 1)`.
 *
 * @param ranges one for all columns, or one a column
 * @param samples which samples, in which order
 * @throws DATA_RANGE_INVALID, DATA_INVALID
 */
export function scaleTable(
  table: RawTable,
  ranges: readonly Range[],
  featureBits: number,
  classes: number,
  samples: ArrayLike<number>,
): Dataset {
  if (ranges.length !== 1 && ranges.length !== table.width) {
    throw new AssayError('DATA_RANGE_INVALID', `${ranges.length} ranges for ${table.width} columns`);
  }
  for (const [low, high] of ranges) {
    if (!(Number.isFinite(low) && Number.isFinite(high) && low < high))
      throw new AssayError('DATA_RANGE_INVALID', `[${low}, ${high}) is not a range`);
  }
  const { width } = table;
  const count = samples.length;
  const levels = 2 ** featureBits;
  const lows = Float64Array.from({ length: width }, (_, c) => (ranges.length === 1 ? ranges[0] : ranges[c])?.[0] as number);
  const spans = Float64Array.from(
    { length: width },
    (_, c) => ((ranges.length === 1 ? ranges[0] : ranges[c])?.[1] as number) - (lows[c] as number),
  );
  const features = new Uint8Array(count * width);
  const labels = new Uint8Array(count);
  for (let k = 0; k < count; k++) {
    const s = samples[k] as number;
    for (let c = 0; c < width; c++) {
      const value = table.values[s * width + c] as number;
      const level = Math.floor(((value - (lows[c] as number)) * levels) / (spans[c] as number));
      if (Number.isNaN(level)) throw new AssayError('DATA_INVALID', `value ${c} of sample ${s} is not a number`);
      features[k * width + c] = Math.max(0, Math.min(levels - 1, level));
    }
    const label = table.labels[s] as number;
    if (!Number.isSafeInteger(label) || label < 0 || label >= classes) {
      throw new AssayError('DATA_INVALID', `the label of sample ${s} is ${label}, there are ${classes} classes`);
    }
    labels[k] = label;
  }
  const dataset = { count, width, classes, featureBits, features, labels };
  assertDataset(dataset);
  return dataset;
}
