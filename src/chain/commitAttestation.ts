import type { Address, Hex } from 'viem';
import { attestationCommitment, attestationDigest } from '../commitment/ids.ts';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { validatorManagerAbi } from './generated/ValidatorManager.ts';

export type CommitAttestationParameters = {
  readonly submissionId: Hex;
  readonly seat: bigint;
  /** Who was drawn; the sender is it or its hot key. */
  readonly operator: Address;
  /** The bytes that the verifier accepts: a false attestation costs the job's bond. */
  readonly proof: Uint8Array;
  readonly opening: Uint8Array;
  /** 32 random bytes, kept until the attestation is revealed. */
  readonly salt: Hex;
};

/**
 * Commits to an attestation, in the first half of a submission's silence, and locks the job's bond.
 *
 * @returns the digest, which `revealAttestation` takes
 * @throws CHAIN_NOT_DRAWN, CHAIN_DRAW_UNAVAILABLE, CHAIN_COMMIT_WINDOW_OVER, CHAIN_NOTHING_TO_ATTEST, CHAIN_WRONG_SEAT_STATE, CHAIN_STAKE_TOO_SMALL
 */
export async function commitAttestation(
  chain: ChainWriter,
  deployment: Deployment,
  parameters: CommitAttestationParameters,
): Promise<Sent & { commitment: Hex; digest: Hex }> {
  const { submissionId, seat, operator, proof, opening, salt } = parameters;
  const digest = attestationDigest(operator, proof, opening);
  const commitment = attestationCommitment({ submissionId, seat, operator, digest, salt });
  const args = [submissionId, seat, commitment] as const;
  const { sent } = await write(chain, validatorManagerAbi, deployment.addresses.validatorManager, 'commitAttestation', args);
  return { commitment, digest, ...sent };
}
