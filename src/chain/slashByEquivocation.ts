import type { Address, Hex } from 'viem';
import { statementHash } from '../commitment/ids.ts';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { eventFrom } from './eventFrom.ts';
import { challengeManagerAbi } from './generated/ChallengeManager.ts';

/** What a hot key signed, and the words behind it. */
export type SignedStatement = {
  readonly statement: readonly bigint[];
  readonly proofHash: Hex;
  /** The hot key's signature of the announcement. */
  readonly signature: Hex;
};

export type SlashByEquivocationParameters = {
  readonly submissionId: Hex;
  /** Of the job: what its announcements sign. */
  readonly statementName: 'train-window' | 'inference';
  /** Its hashes are what was committed. */
  readonly first: SignedStatement;
  readonly second: SignedStatement;
  /** The one of `commitEvidence`, by the same sender. */
  readonly salt: Hex;
};

/**
 * Shows two announcements of one operator that answer one question differently; the operator is slashed.
 *
 * @throws CHAIN_NO_EQUIVOCATION, CHAIN_NOT_COMMITTED, CHAIN_COMMITTED_TOO_LATE (a block must lie between), CHAIN_ALREADY_SLASHED,
 * CHAIN_UNKNOWN_SIGNER, CHAIN_EVIDENCE_WINDOW_OVER
 */
export async function slashByEquivocation(
  chain: ChainWriter,
  deployment: Deployment,
  parameters: SlashByEquivocationParameters,
): Promise<Sent & { operator: Address; slashed: bigint }> {
  const { submissionId, statementName, first, second, salt } = parameters;
  const announcement = ({ statement, proofHash, signature }: SignedStatement) => ({
    submissionId,
    statementHash: statementHash(statementName, statement),
    proofHash,
    signature,
  });
  const args = [announcement(first), first.statement, announcement(second), second.statement, salt] as const;
  const { receipt, sent } = await write(chain, challengeManagerAbi, deployment.addresses.challengeManager, 'slashByEquivocation', args);
  const { operator, slashed } = eventFrom(receipt, challengeManagerAbi, 'OperatorSlashed');
  return { operator, slashed, ...sent };
}
