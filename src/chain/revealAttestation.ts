import type { Hex } from 'viem';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { validatorManagerAbi } from './generated/ValidatorManager.ts';

export type RevealAttestationParameters = {
  readonly submissionId: Hex;
  readonly seat: bigint;
  /** Those of `commitAttestation`. */
  readonly digest: Hex;
  readonly salt: Hex;
};

/**
 * Reveals an attestation, in the second half of a submission's silence. Anyone who knows what was committed.
 *
 * @throws CHAIN_REVEAL_TOO_EARLY, CHAIN_REVEAL_WINDOW_OVER, CHAIN_COMMITMENT_MISMATCH, CHAIN_WRONG_SEAT_STATE
 */
export async function revealAttestation(
  chain: ChainWriter,
  deployment: Deployment,
  parameters: RevealAttestationParameters,
): Promise<Sent> {
  const { submissionId, seat, digest, salt } = parameters;
  const args = [submissionId, seat, digest, salt] as const;
  const { sent } = await write(chain, validatorManagerAbi, deployment.addresses.validatorManager, 'revealAttestation', args);
  return sent;
}
