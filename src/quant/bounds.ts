import { AssayError } from '../errors.ts';
import { type ArithmeticSpec, assertSpec, weightBits } from './spec.ts';

/** Static widths of one layer's cells over a whole window, in bits. */
export type LayerWidths = {
  /** t: the excess beyond a clip edge, minus one; unsigned. */
  readonly excess: number;
  /** d': requantised delta of this layer's outputs, two's-complement range [-2^(delta-1), 2^(delta-1)); 0 for the last layer. */
  readonly delta: number;
};

export type WindowBounds = {
  readonly layers: readonly LayerWidths[];
  /** Largest |z|, |h| and |W| that a window from |W| <= wmax can reach, per layer. */
  readonly zMax: readonly number[];
  readonly hMax: readonly number[];
  readonly weightMax: readonly number[];
};

const bitLength = (x: number): number => x.toString(2).length;

/**
 * Worst-case magnitudes over `steps` SGD steps from any checkpoint with |W| <= wmax, and the cell widths that hold them,
 * so that no such state is unprovable.
 *
 * @param sizes neurons per layer, inputs first, outputs last (no bias row)
 * @throws QUANT_BOUND_EXCEEDED where float64 arithmetic would stop being exact (2^53)
 */
export function windowBounds(spec: ArithmeticSpec, sizes: readonly number[], steps: number): WindowBounds {
  assertSpec(spec);
  const layerCount = sizes.length - 1;
  const fw = weightBits(spec);
  const batch = 2 ** spec.lb;
  const bias = 2 ** spec.fa;
  const inputMax = (l: number): number => (l === 0 ? 2 ** spec.fx - 1 : 2 ** spec.actBits - 1);
  const weight = Array.from({ length: layerCount }, () => spec.wmax);
  const zMax = weight.map(() => 0);
  const hMax = weight.map(() => 0);
  const deltaMax = weight.map(() => 0);
  for (let step = 0; step < steps; step++) {
    const delta = weight.map(() => 0);
    delta[layerCount - 1] = 2 ** spec.fd;
    for (let l = layerCount - 1; l >= 1; l--) {
      const h = (sizes[l + 1] as number) * (delta[l] as number) * (weight[l] as number);
      hMax[l] = Math.max(hMax[l] as number, h);
      delta[l - 1] = Math.floor(h / 2 ** fw) + 1;
    }
    for (let l = 0; l < layerCount; l++) {
      const z = ((sizes[l] as number) * inputMax(l) + bias) * (weight[l] as number);
      zMax[l] = Math.max(zMax[l] as number, z);
      deltaMax[l] = Math.max(deltaMax[l] as number, delta[l] as number);
      weight[l] = (weight[l] as number) + batch * Math.max(inputMax(l), bias) * (delta[l] as number);
    }
  }
  // h is rounded by adding half a unit first.
  const largest = Math.max(...zMax, ...hMax.map((h) => h + 2 ** (fw - 1)), ...weight);
  if (!(largest < 2 ** 53)) {
    throw new AssayError(
      'QUANT_BOUND_EXCEEDED',
      `a window of ${steps} steps on ${sizes.join('-')} can reach 2^${Math.log2(largest).toFixed(1)}, float64 is exact below 2^53`,
      {
        hint: 'Use fewer steps a window, a smaller batch or a smaller wmax.',
      },
    );
  }
  const layers = zMax.map((z, l) => {
    const last = l === layerCount - 1;
    const quotientMax = Math.floor(z / 2 ** (last ? fw + 2 : fw)) + 1 + 2 ** (spec.fd - 1);
    return { excess: bitLength(quotientMax), delta: last ? 0 : bitLength(deltaMax[l] as number) + 1 };
  });
  return { layers, zMax, hMax, weightMax: weight };
}
