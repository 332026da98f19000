import { type Address, bytesToHex, concatBytes, type Hex, hexToBigInt, hexToBytes, keccak256, numberToHex } from 'viem';
import { R } from '../commitment/field.ts';
import type { StatementName } from '../commitment/ids.ts';
import { AssayError, exitCodes } from '../errors.ts';
import type { StatementProof } from './statementProof.ts';

/** A proof with everything that says what it proves and which code decides. */
export type ProofFile = StatementProof & {
  readonly chainId: bigint;
  readonly statementVerifier: Address;
  readonly circuitId: Hex;
  /** Code hashes of the contracts that decide. */
  readonly statementVerifierCodeHash: Hex;
  readonly proofVerifierCodeHash: Hex;
  /** The circuit's shape, encoded: sizes, arithmetic, SRS. */
  readonly shapeBytes: Hex;
  readonly open: boolean;
  /** What the context is the hash of (mod r); `0x` where it is not told. */
  readonly contextPreimage: Hex;
};

const magic = new TextEncoder().encode('ASSAYPF2');
/** Whether bytes begin as a proof file does; what follows is `decodeProofFile`'s to judge. */
export function isProofFile(bytes: Uint8Array): boolean {
  return bytes.length >= magic.length && magic.every((byte, i) => bytes[i] === byte);
}

/** Their numbers in the file. */
const statementNames: readonly StatementName[] = ['train-window', 'inference', 'well-formed', 'audit', 'membership'];
/** Longest part that is read: more than any circuit's proof or opening. */
const maxPartBytes = 1 << 20;

/** The bytes of a proof file (docs/reference/encodings.md, "Proof file"). */
export function encodeProofFile(file: ProofFile): Uint8Array {
  const word = (value: bigint): Uint8Array => hexToBytes(numberToHex(value, { size: 32 }));
  const part = (bytes: Uint8Array): Uint8Array[] => {
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, bytes.length, true);
    return [length, bytes];
  };
  return concatBytes([
    magic,
    Uint8Array.of(statementNames.indexOf(file.statementName)),
    word(file.chainId),
    hexToBytes(file.statementVerifier),
    hexToBytes(file.circuitId),
    hexToBytes(file.statementVerifierCodeHash),
    hexToBytes(file.proofVerifierCodeHash),
    Uint8Array.of(file.open ? 1 : 0),
    ...part(concatBytes(file.statement.map(word))),
    ...part(hexToBytes(file.shapeBytes)),
    ...part(file.proof),
    ...part(file.opening),
    ...part(hexToBytes(file.contextPreimage)),
  ]);
}

/**
 * Reads a proof file. It accepts one encoding of each file only; what the proof is worth is `verifyProof`'s to say.
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
  if (take(8, 'its first word').some((byte, i) => byte !== magic[i])) fail('it does not begin with ASSAYPF2');
  const statementName = statementNames[take(1, 'the kind of statement')[0] as number] ?? fail('of an unknown statement');
  const chainId = hexToBigInt(hex(32, 'the chain id'));
  // The EVM of the verification takes a number.
  if (chainId > BigInt(Number.MAX_SAFE_INTEGER)) fail(`no chain has the id ${chainId}`);
  const statementVerifier = hex(20, "the verifier's address");
  const circuitId = hex(32, 'the circuit id');
  const statementVerifierCodeHash = hex(32, 'a code hash');
  const proofVerifierCodeHash = hex(32, 'a code hash');
  const open = take(1, 'the flags')[0] as number;
  if (open > 1) fail('its flags are neither 0 nor 1');
  const words = part('the statement');
  if (words.length === 0 || words.length % 32 !== 0) fail('its statement is not whole words');
  const statement = Array.from({ length: words.length / 32 }, (_, i) => hexToBigInt(bytesToHex(words.subarray(32 * i, 32 * i + 32))));
  if (statement.some((item) => item >= R)) fail('a word of the statement is not a canonical field element');
  const shapeBytes = bytesToHex(part('the shape'));
  const proof = part('the proof');
  const opening = part('the opening');
  const contextPreimage = bytesToHex(part('the context'));
  if (contextPreimage !== '0x' && hexToBigInt(keccak256(contextPreimage)) % R !== statement[0])
    fail('its context is not the hash of what it tells');
  if (at !== bytes.length) fail(`${bytes.length - at} bytes follow its end`);
  return {
    statementName,
    chainId,
    statementVerifier,
    circuitId,
    statementVerifierCodeHash,
    proofVerifierCodeHash,
    open: open === 1,
    statement,
    shapeBytes,
    proof,
    opening,
    contextPreimage,
  };
}
