import { inv, mod } from '../../src/commitment/field.ts';

/** Rank of a matrix of field elements. */
export function rank(rows: readonly (readonly bigint[])[]): number {
  const matrix = rows.map((row) => [...row]);
  let found = 0;
  for (let column = 0; column < (matrix[0]?.length ?? 0); column++) {
    const pivot = matrix.findIndex((row, i) => i >= found && row[column] !== 0n);
    if (pivot < 0) continue;
    const [row] = matrix.splice(pivot, 1) as [bigint[]];
    const scale = inv(row[column] as bigint);
    const monic = row.map((x) => mod(x * scale));
    for (const [i, other] of matrix.entries()) {
      const factor = other[column] as bigint;
      if (i >= found) matrix[i] = other.map((x, j) => mod(x - factor * (monic[j] as bigint)));
    }
    matrix.splice(found++, 0, monic);
  }
  return found;
}

/** The transpose. */
export function columnsOf(rows: readonly (readonly bigint[])[]): bigint[][] {
  return (rows[0] ?? []).map((_, column) => rows.map((row) => row[column] as bigint));
}
