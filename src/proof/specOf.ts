import { type Hex, hexToBytes, keccak256 } from 'viem';
import { tag } from '../commitment/ids.ts';
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
  // What specId hashes, written in place: there are 22,440 to try.
  const words = new Uint8Array(8 * 32);
  words.set(hexToBytes(tag('assay.spec.v1')));
  const view = new DataView(words.buffer);
  for (const lb of upTo(4, 0, 10))
    for (const lrk of upTo(1, 0, 16))
      for (const bits of upTo(4, 1, 8))
        for (const actBits of upTo(7, 1, 15)) {
          const spec = { ...defaultSpec(lb, lrk), fx: bits, fa: bits, actBits };
          const { fx, fa, fd, wmax } = { ...spec, wmax: Math.min(2 ** (weightBits(spec) + 2), 2 ** 31 - 1) };
          [fx, fa, fd, lrk, lb, actBits, wmax].forEach((value, i) => {
            view.setUint32(32 * (i + 2) - 4, value);
          });
          if (keccak256(words) === id) return { ...spec, wmax };
        }
  return undefined;
}
