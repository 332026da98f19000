import { concatBytes, type Hex, hexToBytes, keccak256, toHex } from 'viem';
import { AssayError } from '../errors.ts';

const domain = keccak256(toHex('assay.shuffle.v1'), 'bytes');

/**
 * The order in which the data owner's shuffle puts `count` samples (docs/reference/encodings.md, Dataset): Fisher-Yates from the last element down.
 *
 * @param seed 32 bytes, hex, published
 * @returns sample numbers; element i of the shuffled data is sample order[i]
 * @throws DATA_SEED_INVALID
 */
export function shuffledOrder(count: number, seed: Hex): Uint32Array {
  if (!/^0x[0-9a-fA-F]{64}$/.test(seed)) throw new AssayError('DATA_SEED_INVALID', 'a shuffle seed is 32 bytes in hex with 0x in front');
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  const message = concatBytes([domain, hexToBytes(seed), new Uint8Array(8)]);
  const view = new DataView(message.buffer, message.byteOffset);
  for (let i = count - 1; i > 0; i--) {
    view.setBigUint64(64, BigInt(i));
    const digest = keccak256(message, 'bytes');
    const low = new DataView(digest.buffer, digest.byteOffset + 26, 6);
    const swap = (low.getUint16(0) * 2 ** 32 + low.getUint32(2)) % (i + 1);
    [order[i], order[swap]] = [order[swap] as number, order[i] as number];
  }
  return order;
}
