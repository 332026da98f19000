import type { Hex } from 'viem';
import { AssayError } from '../errors.ts';
import { shuffledOrder } from './shuffledOrder.ts';

/**
 * Shuffles the sample numbers once and holds the last `heldOut` of them back for testing.
 *
 * @throws DATA_SPLIT_INVALID, DATA_SEED_INVALID
 */
export function splitSamples(count: number, heldOut: number, seed: Hex): { train: Uint32Array; test: Uint32Array } {
  if (!Number.isSafeInteger(heldOut) || heldOut < 0 || heldOut >= count) {
    throw new AssayError('DATA_SPLIT_INVALID', `${heldOut} samples cannot be held out of ${count}`);
  }
  const order = shuffledOrder(count, seed);
  return { train: order.subarray(0, count - heldOut), test: order.subarray(count - heldOut) };
}
