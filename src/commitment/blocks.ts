import { AssayError } from '../errors.ts';

/**
 * Limits that every implementation shares (docs/reference/encodings.md, Checkpoint). A layer has at most 2^16 rows with the bias: claims of
 * powers of a are told apart by powers of rho = a^65536.
 */
export const blockLimits = { blockLog: 28, layers: 16, size: 2 ** 16 - 1, blocks: 64 } as const;

/** Rows `firstRow` to `firstRow + rows - 1` of one layer's weight matrix: one committed polynomial. */
export type Block = {
  readonly layer: number;
  readonly firstRow: number;
  readonly rows: number;
  /** Rows that belong to inputs: one less where the block holds the bias row. */
  readonly inputRows: number;
  readonly columns: number;
};

/**
 * Cuts a model's layers into blocks of at most 2^blockLog coefficients, in the order of its commitments.
 *
 * @param sizes neurons per layer, inputs first, outputs last (no bias row)
 * @throws COMMITMENT_SIZES for sizes or a blockLog outside the limits, a row longer than a block, or more than 64 blocks
 */
export function blocksOf(sizes: readonly number[], blockLog: number): Block[] {
  const integer = (x: number, low: number, high: number): boolean => Number.isSafeInteger(x) && x >= low && x <= high;
  if (
    !integer(blockLog, 0, blockLimits.blockLog) ||
    !integer(sizes.length, 2, blockLimits.layers + 1) ||
    !sizes.every((size) => integer(size, 1, blockLimits.size)) ||
    !sizes.slice(1).every((columns) => columns <= 2 ** blockLog)
  ) {
    throw new AssayError('COMMITMENT_SIZES', `layers ${sizes.join('-')} cannot be cut into blocks of 2^${blockLog}`);
  }
  const count = sizes
    .slice(1)
    .reduce((sum, columns, l) => sum + Math.floor((sizes[l] as number) / Math.floor(2 ** blockLog / columns)) + 1, 0);
  if (count > blockLimits.blocks) {
    throw new AssayError(
      'COMMITMENT_SIZES',
      `layers ${sizes.join('-')} need ${count} blocks of 2^${blockLog}, allowed are ${blockLimits.blocks}`,
      {
        hint: 'Choose larger blocks; the SRS must have 2^blockLog + 1 points.',
      },
    );
  }
  return sizes.slice(1).flatMap((columns, layer) => {
    const total = (sizes[layer] as number) + 1;
    const perBlock = Math.floor(2 ** blockLog / columns);
    return Array.from({ length: Math.ceil(total / perBlock) }, (_, k) => {
      const firstRow = k * perBlock;
      const rows = Math.min(perBlock, total - firstRow);
      return { layer, firstRow, rows, inputRows: Math.min(rows, total - 1 - firstRow), columns };
    });
  });
}

/** Number of commitments of a checkpoint. Throws COMMITMENT_SIZES. */
export function blockCount(sizes: readonly number[], blockLog: number): number {
  return blocksOf(sizes, blockLog).length;
}
