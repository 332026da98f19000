import type { Address } from 'viem';
import { read } from './call.ts';
import type { CommitEvidenceParameters } from './commitEvidence.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { challengeManagerAbi } from './generated/ChallengeManager.ts';

/** Whether `finder` committed this evidence in an earlier block. */
export async function isCommitted(
  chain: ChainReader,
  deployment: Deployment,
  evidence: CommitEvidenceParameters,
  finder: Address,
): Promise<boolean> {
  return await read(chain, challengeManagerAbi, deployment.addresses.challengeManager, 'isCommitted', [
    evidence.submissionId,
    evidence.statementHash,
    evidence.proofHash,
    finder,
    evidence.salt,
  ]);
}
