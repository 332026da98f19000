import type { Hex } from 'viem';
import { specId } from '../commitment/ids.ts';
import { type ArithmeticSpec, defaultSpec, weightBits } from '../quant/spec.ts';

/**
 * The arithmetic of an id, among all that `assay model import` gives to a model; undefined for any other. Ids are hashes, so they are tried: the usual ones
 * first.
 */
export function specOf(id: Hex): ArithmeticSpec | undefined {
  const upTo = (first: number, low: number, high: number): number[] => [
    first,
    ...Array.from({ length: high - low + 1 }, (_, i) => low + i).filter((value) => value !== first),
  ];
  for (const lb of upTo(4, 0, 10))
    for (const lrk of upTo(1, 0, 16))
      for (const bits of upTo(4, 1, 8))
        for (const actBits of upTo(7, 1, 15)) {
          const spec = { ...defaultSpec(lb, lrk), fx: bits, fa: bits, actBits };
          const found = { ...spec, wmax: Math.min(2 ** (weightBits(spec) + 2), 2 ** 31 - 1) };
          if (specId(found) === id) return found;
        }
  return undefined;
}
