import { AssayError } from '../errors.ts';

/** Limits of what a checkpoint blob or a job may ask anyone to allocate. */
const maxLayers = 16;
const maxNeurons = 2 ** 15;
const maxInputs = 2 ** 20;
const maxClasses = 256;

/**
 * Throws unless `sizes` describes a multilayer perceptron that Assay can train: inputs first, classes last, no bias counted.
 *
 * @throws MODEL_ARCHITECTURE_INVALID
 */
export function assertArchitecture(sizes: readonly number[]): void {
  const fail = (what: string): never => {
    throw new AssayError('MODEL_ARCHITECTURE_INVALID', `architecture ${sizes.join('-')}: ${what}`);
  };
  if (sizes.length < 2 || sizes.length > maxLayers + 1) fail(`1 to ${maxLayers} layers are allowed`);
  sizes.forEach((size, i) => {
    const limit = i === 0 ? maxInputs : i === sizes.length - 1 ? maxClasses : maxNeurons;
    if (!Number.isSafeInteger(size) || size < 1 || size > limit) fail(`size ${i} must be an integer from 1 to ${limit}`);
  });
}

/** Number of weights of layer `l`: one row for every input and one for the bias. */
export function layerLength(sizes: readonly number[], l: number): number {
  return ((sizes[l] as number) + 1) * (sizes[l + 1] as number);
}

/**
 * Throws unless `weights` has exactly the layers and lengths of `sizes`.
 *
 * @throws MODEL_ARCHITECTURE_INVALID, MODEL_WEIGHTS_INVALID
 */
export function assertWeights(sizes: readonly number[], weights: readonly Int32Array[]): void {
  assertArchitecture(sizes);
  if (weights.length !== sizes.length - 1) {
    throw new AssayError('MODEL_WEIGHTS_INVALID', `${weights.length} layers of weights for the architecture ${sizes.join('-')}`);
  }
  weights.forEach((layer, l) => {
    if (!(layer instanceof Int32Array) || layer.length !== layerLength(sizes, l)) {
      throw new AssayError(
        'MODEL_WEIGHTS_INVALID',
        `layer ${l} of ${sizes.join('-')} must be an Int32Array of ${layerLength(sizes, l)} weights`,
      );
    }
  });
}
