import { type Address, bytesToHex, concatBytes, type Hex, hexToBigInt, hexToBytes, numberToHex } from 'viem';
import { R } from '../commitment/field.ts';
import { AssayError, exitCodes } from '../errors.ts';
import type { WindowProof } from './proveWindow.ts';

/** A window proof with everything that says what it proves and which code decides. */
export type ProofFile = WindowProof & {
  readonly chainId: bigint;
  readonly windowVerifier: Address;
  readonly circuitId: Hex;
  /** Code hashes of the contracts that decide. */
  readonly windowVerifierCodeHash: Hex;
  readonly honkVerifierCodeHash: Hex;
  /** The circuit's shape, encoded: sizes, arithmetic, SRS. */
  readonly shapeBytes: Hex;
  readonly open: boolean;
};

const magic = new TextEncoder().encode('ASSAYPF1');
/** Longest part that is read: more than any circuit's proof or opening. */
const maxPartBytes = 1 << 20;

/** The bytes of a proof file, version 1 (docs/reference/encodings.md, "Proof file"). */
export function encodeProofFile(file: ProofFile): Uint8Array {
  const word = (value: bigint): Uint8Array => hexToBytes(numberToHex(value, { size: 32 }));
  const part = (bytes: Uint8Array): Uint8Array[] => {
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, bytes.length, true);
    return [length, bytes];
  };
  return concatBytes([
    magic,
    word(file.chainId),
    hexToBytes(file.windowVerifier),
    hexToBytes(file.circuitId),
    hexToBytes(file.windowVerifierCodeHash),
    hexToBytes(file.honkVerifierCodeHash),
    Uint8Array.of(file.open ? 1 : 0),
    ...file.statement.map(word),
    ...part(hexToBytes(file.shapeBytes)),
    ...part(file.honkProof),
    ...part(file.opening),
  ]);
}

/**
 * Reads a proof file. It accepts one encoding of each file only; what the proof is worth is `verifyWindow`'s to say.
 *
 * @throws PROOF_FILE_MALFORMED
 */
export function decodeProofFile(bytes: Uint8Array): ProofFile {
  const fail = (what: string): never => {
    throw new AssayError('PROOF_FILE_MALFORMED', `not a proof file: ${what}`, { exitCode: exitCodes.proofInvalid });
  };
  let at = 0;
  const take = (length: number, what: string): Uint8Array => {
    if (at + length > bytes.length) fail(`it ends inside ${what}`);
    at += length;
    return bytes.subarray(at - length, at);
  };
  const hex = (length: number, what: string): Hex => bytesToHex(take(length, what));
  const part = (what: string): Uint8Array => {
    const header = take(4, what);
    const length = new DataView(header.buffer, header.byteOffset).getUint32(0, true);
    if (length > maxPartBytes) fail(`${what} of ${length} bytes is too long`);
    return take(length, what).slice();
  };
  if (take(8, 'its first word').some((byte, i) => byte !== magic[i])) fail('it does not begin with ASSAYPF1');
  const chainId = hexToBigInt(hex(32, 'the chain id'));
  const windowVerifier = hex(20, "the verifier's address");
  const circuitId = hex(32, 'the circuit id');
  const windowVerifierCodeHash = hex(32, 'a code hash');
  const honkVerifierCodeHash = hex(32, 'a code hash');
  const open = take(1, 'the flags')[0] as number;
  if (open > 1) fail('its flags are neither 0 nor 1');
  const statement = Array.from({ length: 8 }, () => hexToBigInt(hex(32, 'the statement')));
  if (statement.some((item) => item >= R)) fail('a word of the statement is not a canonical field element');
  const shapeBytes = bytesToHex(part('the shape'));
  const honkProof = part('the UltraHonk proof');
  const opening = part('the opening');
  if (at !== bytes.length) fail(`${bytes.length - at} bytes follow its end`);
  return {
    chainId,
    windowVerifier,
    circuitId,
    windowVerifierCodeHash,
    honkVerifierCodeHash,
    open: open === 1,
    statement,
    shapeBytes,
    honkProof,
    opening,
  };
}
