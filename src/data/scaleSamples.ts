import { AssayError } from '../errors.ts';
import { type Pooling, poolImages } from './poolImages.ts';
import type { RawTable } from './rawTable.ts';
import { type Range, scaleTable } from './scaleTable.ts';

/** How raw samples become the features of a model: pooled where they are images, then scaled. */
export type SampleScale = { readonly ranges: readonly Range[]; readonly pool: Pooling | null };

/**
 * Raw samples, in their order, as features in [0, 2^featureBits).
 *
 * @returns count x width
 * @throws DATA_RANGE_INVALID, DATA_POOL_INVALID, DATA_INVALID
 */
export function scaleSamples(table: RawTable, { ranges, pool }: SampleScale, featureBits: number): Uint8Array {
  const pooled = pool === null ? table : poolImages(table, pool);
  if (pooled.count === 0) throw new AssayError('DATA_INVALID', 'there are no samples');
  const unlabelled = { ...pooled, labels: new Uint8Array(pooled.count) };
  return scaleTable(
    unlabelled,
    ranges,
    featureBits,
    2,
    Uint32Array.from({ length: pooled.count }, (_, i) => i),
  ).features;
}
