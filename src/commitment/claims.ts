import { type Block, blocksOf } from './blocks.ts';
import { mod, pow, R } from './field.ts';

/** `KERNEL(row, column, rows, columns)(1/Z) = sum_{i < rows, j < columns} row^i column^j Z^-(i columns + j)`. */
export type Kernel = { readonly row: bigint; readonly column: bigint; readonly rows: number; readonly columns: number };

/** `coefficient * KERNEL` on one committed polynomial. */
export type Term = {
  /** Index among all commitments: the blocks of one checkpoint after the other, then the mask. */
  readonly source: number;
  readonly kernel: Kernel;
  readonly coefficient: bigint;
};

/** All claims of one proof (docs/reference/encodings.md, Opening). */
export type Claims = {
  /** Commitments, the mask included. */
  readonly sources: number;
  readonly terms: readonly Term[];
  /** Plain evaluations at b that are claimed beside: where weights are open, of every block of the child. */
  readonly pure: readonly { readonly source: number; readonly factor: bigint }[];
};

/**
 * The claims of a training window, in the order of the circuit, as terms on committed polynomials: parent, child, mask.
 *
 * @param open weights are open: the child blocks must hold nothing outside their grids
 * @throws COMMITMENT_SIZES
 */
export function windowClaims(sizes: readonly number[], blockLog: number, open: boolean, a: bigint, b: bigint): Claims {
  const blocks = blocksOf(sizes, blockLog);
  const layers = sizes.length - 1;
  const { power, terms, add, layerClaims, maskClaim } = collect(a, b);
  layerClaims(blocks, 0, 0);
  layerClaims(blocks, blocks.length, layers);
  for (const [i, block] of blocks.entries()) {
    if (block.layer === 0) continue;
    const factor = power(2 * layers + block.layer - 1) * pow(b, BigInt(block.firstRow));
    add(i, factor % R, b, a, block.inputRows, block.columns);
  }
  const mask = 3 * layers - 1;
  maskClaim(2 * blocks.length, mask);
  const pure = open ? blocks.map((_, i) => ({ source: blocks.length + i, factor: power(mask + 1 + i) })) : [];
  for (const [i, { source, factor }] of pure.entries()) {
    const { rows, columns } = blocks[i] as Block;
    add(source, factor, pow(b, BigInt(columns)), b, rows, columns);
  }
  return { sources: 2 * blocks.length + 1, terms, pure };
}

/**
 * The claims of an inference proof: the combined rows of every layer, then the mask.
 *
 * @throws COMMITMENT_SIZES
 */
export function inferenceClaims(sizes: readonly number[], blockLog: number, a: bigint, b: bigint): Claims {
  const blocks = blocksOf(sizes, blockLog);
  const { terms, layerClaims, maskClaim } = collect(a, b);
  layerClaims(blocks, 0, 0);
  maskClaim(blocks.length, sizes.length - 1);
  return { sources: blocks.length + 1, terms, pure: [] };
}

/**
 * The claims of a well-formed proof: the value at b of every block of one segment, then the mask.
 *
 * @param first the segment's first block
 * @param count blocks of a segment; those beyond the checkpoint's last are not there, and the mask's claim keeps its place
 * @throws COMMITMENT_SIZES
 */
export function wellFormedClaims(sizes: readonly number[], blockLog: number, first: number, count: number, a: bigint, b: bigint): Claims {
  const blocks = blocksOf(sizes, blockLog);
  const { power, terms, add, maskClaim } = collect(a, b);
  for (const [t, { rows, columns }] of blocks.slice(first, first + count).entries()) {
    add(first + t, power(t), pow(b, BigInt(columns)), b, rows, columns);
  }
  maskClaim(blocks.length, count);
  return { sources: blocks.length + 1, terms, pure: [] };
}

/** Collects the terms of one proof's claims; claim number t has the coefficient rho^t. */
function collect(a: bigint, b: bigint) {
  const rho = pow(a, 65536n);
  const power = (claim: number): bigint => pow(rho, BigInt(claim));
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
  /** `sum_i a^i y_l[i]` of every layer of the checkpoint whose commitments begin at `first`. */
  const layerClaims = (blocks: readonly Block[], first: number, firstClaim: number): void => {
    for (const [i, block] of blocks.entries()) {
      const factor = power(firstClaim + block.layer) * pow(a, BigInt(block.firstRow));
      add(first + i, factor % R, a, b, block.rows, block.columns);
    }
  };
  const maskClaim = (source: number, claim: number): void => add(source, power(claim), b, b, 4, 4);
  return { power, terms, add, layerClaims, maskClaim };
}

/**
 * Factor of each commitment in the combined polynomial at z: the sum of coefficient * KERNEL(1/z) over its terms.
 *
 * @param zInverse 1/z
 * @returns one factor for each commitment, the mask's last; undefined where a geometric sum's ratio is 1 (a zero denominator)
 */
export function factorsAt(claims: Claims, zInverse: bigint): bigint[] | undefined {
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
  const factors = Array.from({ length: claims.sources }, () => 0n);
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
