import type { Hex } from 'viem';
import { evidenceCommitment } from '../commitment/ids.ts';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { challengeManagerAbi } from './generated/ChallengeManager.ts';

export type CommitEvidenceParameters = {
  readonly submissionId: Hex;
  readonly statementHash: Hex;
  readonly proofHash: Hex;
  /** 32 random bytes, kept until the evidence is shown. */
  readonly salt: Hex;
};

/** Commits the sender, as finder, to evidence that it will show in a later block. */
export async function commitEvidence(
  chain: ChainWriter,
  deployment: Deployment,
  parameters: CommitEvidenceParameters,
): Promise<Sent & { commitment: Hex }> {
  const commitment = evidenceCommitment({ ...parameters, finder: chain.account.address });
  const { sent } = await write(chain, challengeManagerAbi, deployment.addresses.challengeManager, 'commitEvidence', [commitment]);
  return { commitment, ...sent };
}
