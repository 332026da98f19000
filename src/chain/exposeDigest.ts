import { type Hex, toHex, zeroHash } from 'viem';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { validatorManagerAbi } from './generated/ValidatorManager.ts';

export type ExposeDigestParameters = {
  readonly submissionId: Hex;
  readonly seat: bigint;
  /** The bytes behind the submission's proof hash. */
  readonly proof: Uint8Array;
  readonly opening: Uint8Array;
  /** The one of `commitEvidence`, by the same sender in an earlier block; without it the finder's part burns. Default 0. */
  readonly salt?: Hex;
};

/**
 * Slashes an attestation whose digest is not that of the proof's bytes, and empties the seat. Anyone, until the seat is settled.
 *
 * @throws CHAIN_DIGEST_IS_TRUE, CHAIN_PROOF_MISMATCH, CHAIN_WRONG_SEAT_STATE
 */
export async function exposeDigest(chain: ChainWriter, deployment: Deployment, parameters: ExposeDigestParameters): Promise<Sent> {
  const { submissionId, seat, proof, opening, salt = zeroHash } = parameters;
  const args = [submissionId, seat, toHex(proof), toHex(opening), salt] as const;
  const { sent } = await write(chain, validatorManagerAbi, deployment.addresses.validatorManager, 'exposeDigest', args);
  return sent;
}
