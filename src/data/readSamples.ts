import { readFile } from 'node:fs/promises';
import { AssayError } from '../errors.ts';
import { type CsvOptions, decodeCsv } from './decodeCsv.ts';
import { decodeIdx } from './decodeIdx.ts';
import { decodeNpy } from './npy.ts';
import type { RawTable } from './rawTable.ts';

export type SampleFiles = {
  /** IDX, .npy or CSV: which one its first bytes say. */
  readonly features: string;
  /** IDX or .npy of one dimension; a CSV has its labels in a column. */
  readonly labels?: string | undefined;
  /** How a CSV is read; its labels are left out where it names no column. */
  readonly csv?: CsvOptions;
};

async function read(path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    throw new AssayError('DATA_FILE_UNREADABLE', `cannot read ${path}`, { hint: 'Check the path and its permissions.', cause });
  }
}

type Tensor = { readonly shape: readonly number[]; readonly values: ArrayLike<number | bigint> };

/** IDX or .npy; undefined for anything else. */
function decodeTensor(bytes: Uint8Array): Tensor | undefined {
  if (bytes[0] === 0x93 && bytes[1] === 0x4e) return decodeNpy(bytes);
  if ((bytes[0] !== 0 || bytes[1] !== 0) && !(bytes[0] === 0x1f && bytes[1] === 0x8b)) return undefined;
  const { dims, values } = decodeIdx(bytes);
  return { shape: dims, values };
}

/**
 * Reads samples, with labels or without; every dimension but the first is flattened.
 *
 * @throws DATA_FILE_UNREADABLE, DATA_IDX_MALFORMED, DATA_NPY_MALFORMED, DATA_CSV_MALFORMED, DATA_INVALID
 */
export async function readSamples({ features, labels, csv }: SampleFiles): Promise<RawTable> {
  const x = decodeTensor(await read(features));
  if (x === undefined) {
    if (labels !== undefined) {
      throw new AssayError('DATA_INVALID', `${features} is text: the labels of a CSV stand in a column of it`, {
        hint: 'Name the column.',
      });
    }
    return decodeCsv(await read(features), csv ?? { labelColumn: undefined, header: false });
  }
  const count = x.shape[0] ?? 0;
  if (x.shape.length < 2 || count === 0) {
    throw new AssayError('DATA_INVALID', `features of shape (${x.shape.join(', ')}) are no samples`, {
      hint: 'Features are samples x values (or x height x width).',
    });
  }
  const y = labels === undefined ? undefined : decodeTensor(await read(labels));
  if (labels !== undefined && (y === undefined || y.shape.length !== 1 || y.shape[0] !== count)) {
    throw new AssayError('DATA_INVALID', `labels of shape (${y?.shape.join(', ') ?? 'text'}) and ${count} samples do not pair`, {
      hint: 'Labels are one integer a sample, in an IDX or .npy file.',
    });
  }
  return {
    count,
    width: x.values.length / count,
    values: x.values instanceof Uint8Array ? x.values : Float64Array.from(x.values, Number),
    labels: y === undefined ? [] : Array.from(y.values, Number),
  };
}
