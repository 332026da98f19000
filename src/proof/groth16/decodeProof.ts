import type { Element } from 'ffjavascript';
import { bytesToBigInt } from 'viem';
import { loadCurve } from '../../commitment/curve.ts';
import { Q, R } from '../../commitment/field.ts';
import { AssayError, exitCodes } from '../../errors.ts';

/** Bytes of every Groth16 proof. */
export const groth16ProofBytes = 256;

/** The three points of a proof, in the curve library's own form. */
export type Groth16Proof = { readonly a: Element; readonly b: Element; readonly c: Element };

/**
 * Decodes a proof: exactly 256 bytes, coordinates below q, on the curve, B in the group of order r, no point at infinity.
 *
 * @throws GROTH16_PROOF_MALFORMED
 */
export async function decodeProof(bytes: Uint8Array): Promise<Groth16Proof> {
  if (bytes.length !== groth16ProofBytes) throw malformed(`${bytes.length} bytes instead of ${groth16ProofBytes}`);
  for (let i = 0; i < 8; i++)
    if (bytesToBigInt(bytes.subarray(32 * i, 32 * i + 32)) >= Q) throw malformed(`word ${i} is not below the field`);
  const { G1, G2 } = await loadCurve();
  const read = (name: string, group: typeof G1, at: number): Element => {
    // The library takes flags from the two highest bits; they are zero below q.
    const point = group.fromRprUncompressed(bytes, at);
    if (group.isZero(point) || !group.isValid(point)) throw malformed(`${name} is not on the curve`);
    return point;
  };
  const proof = { a: read('A', G1, 0), b: read('B', G2, 64), c: read('C', G1, 192) };
  if (!G2.isZero(G2.timesScalar(proof.b, R))) throw malformed('B is not in the group');
  return proof;
}

function malformed(details: string): AssayError {
  return new AssayError('GROTH16_PROOF_MALFORMED', 'this is no Groth16 proof', { details, exitCode: exitCodes.proofInvalid });
}
