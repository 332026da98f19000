import type { Hex } from 'viem';
import { AssayError } from '../errors.ts';
import type { Dataset } from './dataset.ts';
import { type Pooling, poolImages } from './poolImages.ts';
import { readTable, type TableSource } from './readTable.ts';
import { columnRanges, type Range, scaleTable } from './scaleTable.ts';
import { splitSamples } from './splitSamples.ts';

export type ImportOptions = {
  readonly source: TableSource;
  /** Test samples in files of their own. */
  readonly test?: TableSource;
  /** How many shuffled samples of `source` to hold back for testing, where the test samples have no files of their own. */
  readonly heldOut?: number;
  readonly classes: number;
  /** fx of the arithmetic spec. */
  readonly featureBits: number;
  /** Raw values [low, high) that cover the levels, or `columns`: each column's own range over the training samples. */
  readonly range: Range | 'columns';
  readonly pool?: Pooling;
  /** 32 bytes, published with the data set. */
  readonly shuffleSeed: Hex;
  /** Keep only the first so many of the shuffled training samples. */
  readonly limit?: number;
};

export type ImportedDataset = {
  /** Training samples, shuffled: ready to be cut into minibatches. */
  readonly train: Dataset;
  /** Test samples, in the order of their file (or of the shuffle, where held out). */
  readonly test: Dataset | undefined;
  /** The range of every column, or the one of all: what a new sample must be scaled with. */
  readonly ranges: readonly Range[];
};

/**
 * Reads labelled samples, shuffles and splits them, pools images where asked to, and scales every value to `featureBits` bits.
 *
 * @throws DATA_* of the reader, of pooling, splitting and scaling
 */
export async function importDataset(options: ImportOptions): Promise<ImportedDataset> {
  const { source, test, heldOut = 0, classes, featureBits, range, pool, shuffleSeed, limit } = options;
  if (test !== undefined && heldOut > 0) {
    throw new AssayError('DATA_SPLIT_INVALID', 'test files and held-out samples exclude each other', { hint: 'Give one of them.' });
  }
  if (limit !== undefined && (!Number.isSafeInteger(limit) || limit < 1))
    throw new AssayError('DATA_SPLIT_INVALID', `a limit of ${limit} samples`);
  if (!Number.isSafeInteger(featureBits) || featureBits < 1 || featureBits > 8) {
    throw new AssayError('DATA_INVALID', `${featureBits} feature bits, allowed are 1 to 8`);
  }
  const prepare = async (from: TableSource) => {
    const table = await readTable(from);
    return pool === undefined ? table : poolImages(table, pool);
  };
  const table = await prepare(source);
  const split = splitSamples(table.count, heldOut, shuffleSeed);
  const trainSamples = limit === undefined ? split.train : split.train.subarray(0, limit);
  const ranges = range === 'columns' ? columnRanges(table, trainSamples) : [range];
  const train = scaleTable(table, ranges, featureBits, classes, trainSamples);
  if (test === undefined) {
    return { train, test: heldOut === 0 ? undefined : scaleTable(table, ranges, featureBits, classes, split.test), ranges };
  }
  const testTable = await prepare(test);
  if (testTable.width !== table.width) {
    throw new AssayError('DATA_INVALID', `test samples have ${testTable.width} values, training samples ${table.width}`);
  }
  const inOrder = Uint32Array.from({ length: testTable.count }, (_, i) => i);
  return { train, test: scaleTable(testTable, ranges, featureBits, classes, inOrder), ranges };
}
