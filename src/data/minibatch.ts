/** Samples that one SGD step uses, one leaf of a dataset. */
export type Minibatch = {
  /** B x width, sample by sample; integers in [0, 2^fx). */
  readonly features: Uint8Array;
  /** B class numbers. */
  readonly labels: Uint8Array;
  /** Field element that hides a private minibatch in its leaf; 0 where the data is public. */
  readonly salt: bigint;
};
