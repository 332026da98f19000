import { type Address, type Hex, toHex } from 'viem';
import { proofHash, statementHash } from '../commitment/ids.ts';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { eventFrom } from './eventFrom.ts';
import { challengeManagerAbi } from './generated/ChallengeManager.ts';
import { judgingGas } from './verifyingGas.ts';

export type SlashByEvidenceParameters = {
  readonly submissionId: Hex;
  /** Of the job: what its announcements sign. */
  readonly statementName: 'train-window' | 'inference';
  /** The words that were signed. */
  readonly statement: readonly bigint[];
  readonly proof: Uint8Array;
  readonly opening: Uint8Array;
  /** The hot key's signature of the announcement. */
  readonly signature: Hex;
  /** The one of `commitEvidence`, by the same sender. */
  readonly salt: Hex;
};

/** The evidence as the ChallengeManager takes it. */
export function evidenceArgument(parameters: SlashByEvidenceParameters) {
  const { submissionId, statementName, statement, proof, opening, signature, salt } = parameters;
  const announcement = {
    submissionId,
    statementHash: statementHash(statementName, statement),
    proofHash: proofHash(proof, opening),
    signature,
  };
  return { announcement, statement, proof: toHex(proof), opening: toHex(opening), salt };
}

/**
 * Shows a signed announcement and the bytes behind it; the chain's verifier refuses them, and the signer's operator is slashed.
 *
 * @throws CHAIN_EVIDENCE_IS_TRUE, CHAIN_NOT_COMMITTED, CHAIN_COMMITTED_TOO_LATE (a block must lie between), CHAIN_ALREADY_SLASHED,
 * CHAIN_UNKNOWN_SIGNER, CHAIN_EVIDENCE_WINDOW_OVER
 */
export async function slashByEvidence(
  chain: ChainWriter,
  deployment: Deployment,
  parameters: SlashByEvidenceParameters,
): Promise<Sent & { operator: Address; slashed: bigint }> {
  const args = [evidenceArgument(parameters)] as const;
  const { proof, opening, statement } = parameters;
  const options = { gas: judgingGas(proof.length + opening.length, statement.length) };
  const { receipt, sent } = await write(
    chain,
    challengeManagerAbi,
    deployment.addresses.challengeManager,
    'slashByEvidence',
    args,
    options,
  );
  const { operator, slashed } = eventFrom(receipt, challengeManagerAbi, 'OperatorSlashed');
  return { operator, slashed, ...sent };
}
