/** A point of BN254's G1 in affine standard form; the identity is `[0n, 0n]`. */
export type Point = readonly [bigint, bigint];

/** Weights by layer: row-major, (sizes[l] + 1) rows by sizes[l + 1] columns, the bias row last. */
export type Weights = readonly Int32Array[];
