import { AssayError } from '../errors.ts';
import type { Hex } from './submissionState.ts';

/** The bytes of fixed-length hexadecimal values, one after the other: a key. */
export function keyBytes(parts: readonly { value: Hex; bytes: number }[]): Uint8Array {
  for (const { value, bytes } of parts) {
    if (!new RegExp(`^0x[0-9a-f]{${2 * bytes}}$`).test(value))
      throw new AssayError('STORE_KEY', `Not ${bytes} bytes in lowercase hexadecimal: ${value}`);
  }
  return new Uint8Array(Buffer.from(parts.map(({ value }) => value.slice(2)).join(''), 'hex'));
}
