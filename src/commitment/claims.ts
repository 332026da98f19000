import { blocksOf } from './blocks.ts';
import { mod, pow, R } from './field.ts';

/** `KERNEL(row, column, rows, columns)(1/Z) = sum_{i < rows, j < columns} row^i column^j Z^-(i columns + j)`. */
export type Kernel = { readonly row: bigint; readonly column: bigint; readonly rows: number; readonly columns: number };

/** `coefficient * KERNEL` on one committed polynomial. */
export type Term = {
  /** Index among all commitments: parent blocks, then child blocks, then the mask. */
  readonly source: number;
  readonly kernel: Kernel;
  readonly coefficient: bigint;
};

/** All claims of a train-window proof (docs/reference/encodings.md, Opening). */
export type WindowClaims = {
  readonly blocks: number;
  readonly terms: readonly Term[];
  /** Factor of each child block's plain evaluation at b; empty where weights are not open. */
  readonly pure: readonly bigint[];
};

/**
 * The claims that one opening proves, in the order of the circuit, as terms on committed polynomials.
 *
 * @param open weights are open: the child blocks must hold nothing outside their grids
 * @throws COMMITMENT_SIZES
 */
export function windowClaims(sizes: readonly number[], blockLog: number, open: boolean, a: bigint, b: bigint): WindowClaims {
  const blocks = blocksOf(sizes, blockLog);
  const layers = sizes.length - 1;
  const rho = pow(a, 65536n);
  const kernels = new Map<string, Kernel>();
  const terms: Term[] = [];
  const add = (source: number, coefficient: bigint, row: bigint, column: bigint, rows: number, columns: number): void => {
    if (rows === 0) return;
    // One object a kernel, so that the prover can group terms by it.
    const key = `${row},${column},${rows},${columns}`;
    const kernel = kernels.get(key) ?? { row, column, rows, columns };
    kernels.set(key, kernel);
    terms.push({ source, kernel, coefficient });
  };
  const weightsClaim = (first: number, firstClaim: number): void => {
    for (const [i, block] of blocks.entries()) {
      const factor = pow(rho, BigInt(firstClaim + block.layer)) * pow(a, BigInt(block.firstRow));
      add(first + i, factor % R, a, b, block.rows, block.columns);
    }
  };
  weightsClaim(0, 0);
  weightsClaim(blocks.length, layers);
  for (const [i, block] of blocks.entries()) {
    if (block.layer === 0) continue;
    const factor = pow(rho, BigInt(2 * layers + block.layer - 1)) * pow(b, BigInt(block.firstRow));
    add(i, factor % R, b, a, block.inputRows, block.columns);
  }
  const maskClaim = 3 * layers - 1;
  add(2 * blocks.length, pow(rho, BigInt(maskClaim)), b, b, 4, 4);
  const pure = open ? blocks.map((_, i) => pow(rho, BigInt(maskClaim + 1 + i))) : [];
  for (const [i, factor] of pure.entries()) {
    const { rows, columns } = blocks[i] as (typeof blocks)[number];
    add(blocks.length + i, factor, pow(b, BigInt(columns)), b, rows, columns);
  }
  return { blocks: blocks.length, terms, pure };
}

/**
 * Factor of each commitment in the combined polynomial at z: the sum of coefficient * KERNEL(1/z) over its terms.
 *
 * @param zInverse 1/z
 * @returns one factor for each parent block, child block and the mask; undefined where a geometric sum's ratio is 1 (a zero denominator)
 */
export function factorsAt(claims: WindowClaims, zInverse: bigint): bigint[] | undefined {
  const kernels = [...new Set(claims.terms.map((term) => term.kernel))];
  const ratios = kernels.map(({ row, column, columns }) => ({
    outer: (row * pow(zInverse, BigInt(columns))) % R,
    inner: (column * zInverse) % R,
  }));
  const inverses = batchInverse(ratios.flatMap(({ outer, inner }) => [outer - 1n, inner - 1n]));
  if (inverses === undefined) return undefined;
  const values = new Map(
    kernels.map((kernel, i) => {
      const { outer, inner } = ratios[i] as (typeof ratios)[number];
      const rows = (pow(outer, BigInt(kernel.rows)) - 1n) * (inverses[2 * i] as bigint);
      const columns = (pow(inner, BigInt(kernel.columns)) - 1n) * (inverses[2 * i + 1] as bigint);
      return [kernel, mod((rows % R) * columns)];
    }),
  );
  const factors = Array.from({ length: 2 * claims.blocks + 1 }, () => 0n);
  for (const { source, kernel, coefficient } of claims.terms) {
    factors[source] = ((factors[source] as bigint) + coefficient * (values.get(kernel) as bigint)) % R;
  }
  return factors;
}

function batchInverse(values: readonly bigint[]): bigint[] | undefined {
  const prefix: bigint[] = [];
  let product = 1n;
  for (const value of values) {
    prefix.push(product);
    product = (product * value) % R;
  }
  if (product === 0n) return undefined;
  let rest = pow(product, R - 2n);
  const inverses: bigint[] = Array.from({ length: values.length }, () => 0n);
  for (let i = values.length - 1; i >= 0; i--) {
    inverses[i] = (rest * (prefix[i] as bigint)) % R;
    rest = (rest * (values[i] as bigint)) % R;
  }
  return inverses;
}
