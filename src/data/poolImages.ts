import { AssayError } from '../errors.ts';
import type { RawTable } from './rawTable.ts';

export type Pooling = {
  /** Rows and columns of an image; height x width values make a sample. */
  readonly height: number;
  readonly width: number;
  /** Each factor x factor square becomes its mean. */
  readonly factor: number;
};

/**
 * Images made smaller: the mean of each square, not rounded.
 *
 * @throws DATA_POOL_INVALID where the factor does not divide the image or the image is not a sample
 */
export function poolImages(table: RawTable, { height, width, factor }: Pooling): RawTable {
  const whole = [height, width, factor].every((x) => Number.isSafeInteger(x) && x >= 1);
  if (!whole || height * width !== table.width || height % factor !== 0 || width % factor !== 0) {
    throw new AssayError(
      'DATA_POOL_INVALID',
      `samples of ${table.width} values cannot be pooled as ${height} x ${width} images by ${factor}`,
    );
  }
  if (factor === 1) return table;
  const rows = height / factor;
  const columns = width / factor;
  const values = new Float64Array(table.count * rows * columns);
  const scale = factor * factor;
  let k = 0;
  for (let s = 0; s < table.count; s++) {
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        let sum = 0;
        for (let i = 0; i < factor; i++) {
          const from = s * table.width + (r * factor + i) * width + c * factor;
          for (let j = 0; j < factor; j++) sum += table.values[from + j] as number;
        }
        values[k++] = sum / scale;
      }
    }
  }
  return { count: table.count, width: rows * columns, values, labels: table.labels };
}
