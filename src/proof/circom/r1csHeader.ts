import { R } from '../../commitment/field.ts';
import { AssayError } from '../../errors.ts';

export type R1csHeader = {
  /** Wire 0 is the constant 1; then public outputs, public inputs, private wires. */
  readonly wires: number;
  readonly publicInputs: number;
  readonly constraints: number;
};

/**
 * Reads the header of an `.r1cs` file of version 1 over BN254. Sections stand in any order.
 *
 * @throws R1CS_INVALID
 */
export function readR1csHeader(bytes: Uint8Array): R1csHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const invalid = (what: string): AssayError =>
    new AssayError('R1CS_INVALID', `not a constraint system: ${what}`, { hint: 'Delete the compiled circuit; it is made again.' });
  if (bytes.length < 12 || view.getUint32(0, true) !== 0x73633172 || view.getUint32(4, true) !== 1) throw invalid('magic or version');
  const sections = view.getUint32(8, true);
  let at = 12;
  for (let i = 0; i < sections && at + 12 <= bytes.length; i++) {
    const type = view.getUint32(at, true);
    const length = Number(view.getBigUint64(at + 4, true));
    at += 12;
    if (type === 1) {
      if (length !== 64 || at + length > bytes.length || view.getUint32(at, true) !== 32) throw invalid('header');
      let prime = 0n;
      for (let limb = 3; limb >= 0; limb--) prime = (prime << 64n) | view.getBigUint64(at + 4 + 8 * limb, true);
      if (prime !== R) throw invalid('another field');
      const outputs = view.getUint32(at + 40, true);
      return {
        wires: view.getUint32(at + 36, true),
        publicInputs: outputs + view.getUint32(at + 44, true),
        constraints: view.getUint32(at + 60, true),
      };
    }
    at += length;
  }
  throw invalid('no header');
}
