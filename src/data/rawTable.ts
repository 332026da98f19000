/** Samples as a file holds them, before scaling. */
export type RawTable = {
  readonly count: number;
  /** Values of a sample. */
  readonly width: number;
  /** count x width, sample by sample. */
  readonly values: Uint8Array | Float64Array;
  /** count integers; none where the samples have no labels. */
  readonly labels: ArrayLike<number>;
  /** What the group column of a CSV says of each sample, where one was asked for. */
  readonly groups?: readonly string[];
};
