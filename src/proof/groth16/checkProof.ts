import { loadCurve } from '../../commitment/curve.ts';
import { R } from '../../commitment/field.ts';
import { AssayError } from '../../errors.ts';
import { decodeProof } from './decodeProof.ts';

/**
 * The check of a proof against a key, by pairing in this process: what a prover asks itself before it hands a proof out. Whether a proof counts is for the
 * verifier contract to say.
 *
 * @param keyBytes as `readZkey` gives them
 * @throws GROTH16_PROOF_MALFORMED; GROTH16_PUBLIC_INPUTS where their number is not the key's, or one is not below r
 */
export async function checkProof(keyBytes: Uint8Array, publicSignals: readonly bigint[], proof: Uint8Array): Promise<boolean> {
  const curve = await loadCurve();
  const { G1, G2 } = curve;
  const { a, b, c } = await decodeProof(proof);
  if (keyBytes.length !== 448 + 64 * (publicSignals.length + 1) || publicSignals.some((x) => x < 0n || x >= R)) {
    throw new AssayError('GROTH16_PUBLIC_INPUTS', `${publicSignals.length} public inputs do not fit the key`);
  }
  const g1 = (at: number) => G1.fromRprUncompressed(keyBytes, at);
  const g2 = (at: number) => G2.fromRprUncompressed(keyBytes, at);
  let sum = g1(448);
  for (const [i, x] of publicSignals.entries()) sum = G1.add(sum, G1.timesScalar(g1(512 + 64 * i), x));
  return curve.pairingEq(G1.neg(a), b, g1(0), g2(64), G1.toAffine(sum), g2(192), c, g2(320));
}
