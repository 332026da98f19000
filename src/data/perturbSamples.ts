import { concatHex, type Hex, hexToBytes, keccak256, numberToHex } from 'viem';
import { tag } from '../commitment/ids.ts';
import { AssayError } from '../errors.ts';
import type { Dataset } from './dataset.ts';

/** How samples are changed for an audit of robustness. Whoever has the samples can do it again and gets the same ones. */
export type Perturbation =
  /** Every feature moves by a whole number of levels from -levels to levels, each as likely, and is cut off at its ends. */
  | { readonly kind: 'noise'; readonly levels: number; readonly seed: Hex }
  /** Every image moves to the right and down by so many pixels; what comes in is 0. */
  | { readonly kind: 'shift'; readonly right: number; readonly down: number; readonly width: number };

const noiseTag = tag('assay.perturb.noise.v1');

/**
 * A perturbed copy; labels and order stay.
 *
 * @throws DATA_PERTURBATION_INVALID for more levels than features have, images that are none, or a shift out of them
 */
export function perturbSamples(dataset: Dataset, perturbation: Perturbation): Dataset {
  const fail = (what: string): never => {
    throw new AssayError('DATA_PERTURBATION_INVALID', what);
  };
  const { count, width, featureBits, features } = dataset;
  const changed = new Uint8Array(features.length);
  if (perturbation.kind === 'noise') {
    const { levels, seed } = perturbation;
    const last = 2 ** featureBits - 1;
    if (!Number.isSafeInteger(levels) || levels < 1 || levels > last) fail(`noise of ${levels} levels; features have ${last + 1}`);
    const next = uniform(seed, 2 * levels + 1);
    for (let i = 0; i < features.length; i++) changed[i] = Math.max(0, Math.min(last, (features[i] as number) + next() - levels));
  } else {
    const { right, down, width: columns } = perturbation;
    const rows = width / columns;
    if (!Number.isSafeInteger(columns) || columns < 1 || !Number.isSafeInteger(rows))
      fail(`${width} features are no image of width ${columns}`);
    const moves = [right, down].every(Number.isSafeInteger) && Math.abs(right) < columns && Math.abs(down) < rows;
    if (!moves) fail(`images of ${columns} x ${rows} cannot be moved by ${right} and ${down}`);
    for (let s = 0; s < count; s++) {
      for (let r = Math.max(0, down); r < Math.min(rows, rows + down); r++) {
        for (let c = Math.max(0, right); c < Math.min(columns, columns + right); c++) {
          changed[s * width + r * columns + c] = features[s * width + (r - down) * columns + c - right] as number;
        }
      }
    }
  }
  return { ...dataset, features: changed };
}

/** Numbers below `bound`, at most 511, from two bytes each of keccak(tag, seed, 0), keccak(tag, seed, 1), ...; what would make some likelier is passed over. */
function uniform(seed: Hex, bound: number): () => number {
  const limit = 65_536 - (65_536 % bound);
  let block: Uint8Array = new Uint8Array();
  let used = 0;
  let counter = 0n;
  return () => {
    for (;;) {
      if (used === block.length) {
        block = hexToBytes(keccak256(concatHex([noiseTag, seed, numberToHex(counter++, { size: 32 })])));
        used = 0;
      }
      const value = (block[used] as number) * 256 + (block[used + 1] as number);
      used += 2;
      if (value < limit) return value % bound;
    }
  };
}
