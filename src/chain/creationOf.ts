import { concat, type Hex, numberToHex, size } from 'viem';
import { AssayError } from '../errors.ts';

/** EIP-170: bytes of code that a contract may have. */
const maxCodeBytes = 24_576;

/**
 * Creation code for exactly this runtime code, as a Groth16 key is put on chain.
 *
 * @throws CHAIN_CODE_TOO_LONG
 */
export function creationOf(runtime: Hex): Hex {
  const length = size(runtime);
  if (length > maxCodeBytes) throw new AssayError('CHAIN_CODE_TOO_LONG', `${length} bytes of code, a contract has at most ${maxCodeBytes}`);
  // PUSH2 length, DUP1, PUSH1 10, PUSH0, CODECOPY, PUSH0, RETURN: these are 10 bytes.
  return concat(['0x61', numberToHex(length, { size: 2 }), '0x80600a5f395ff3', runtime]);
}
