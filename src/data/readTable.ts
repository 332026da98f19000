import { readFile } from 'node:fs/promises';
import { AssayError } from '../errors.ts';
import { type CsvOptions, decodeCsv } from './decodeCsv.ts';
import { decodeIdx } from './decodeIdx.ts';
import { decodeNpy } from './npy.ts';
import type { RawTable } from './rawTable.ts';

/** Where samples lie: a pair of tensors whose first dimension counts samples, or one CSV file. */
export type TableSource =
  | { readonly format: 'idx'; readonly features: string; readonly labels: string }
  | { readonly format: 'npy'; readonly features: string; readonly labels: string }
  | ({ readonly format: 'csv'; readonly path: string } & CsvOptions);

async function read(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new AssayError('DATA_FILE_UNREADABLE', `cannot read ${path}`, { hint: 'Check the path and its permissions.', cause });
  }
}

/**
 * Reads labelled samples; every dimension but the first is flattened.
 *
 * @throws DATA_FILE_UNREADABLE, DATA_IDX_MALFORMED, DATA_NPY_MALFORMED, DATA_CSV_MALFORMED, DATA_INVALID
 */
export async function readTable(source: TableSource): Promise<RawTable> {
  if (source.format === 'csv') return decodeCsv(await read(source.path), source);
  const [features, labels] = await Promise.all([source.features, source.labels].map(read));
  const decode = (bytes: Uint8Array): { shape: readonly number[]; values: ArrayLike<number | bigint> } => {
    if (source.format === 'npy') return decodeNpy(bytes);
    const { dims, values } = decodeIdx(bytes);
    return { shape: dims, values };
  };
  const x = decode(features as Uint8Array);
  const y = decode(labels as Uint8Array);
  const count = x.shape[0] ?? 0;
  if (x.shape.length < 2 || y.shape.length !== 1 || y.shape[0] !== count || count === 0) {
    throw new AssayError(
      'DATA_INVALID',
      `features of shape (${x.shape.join(', ')}) and labels of shape (${y.shape.join(', ')}) do not pair`,
      {
        hint: 'Features are samples x values (or x height x width), labels one integer a sample.',
      },
    );
  }
  return {
    count,
    width: x.values.length / count,
    // int64 beyond 2^53 would round here; scaling clips such values anyway.
    values: x.values instanceof Uint8Array ? x.values : Float64Array.from(x.values, Number),
    labels: Array.from(y.values, Number),
  };
}
