import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { eventFrom } from './eventFrom.ts';
import { assayGovernorAbi } from './generated/AssayGovernor.ts';
import { type Proposal, proposedCalls } from './proposal.ts';

export type ProposeReturnType = Sent & {
  readonly proposalId: bigint;
  /** Votes count as they are after this block; they are cast from the next one on. */
  readonly voteStart: bigint;
  /** Last block in which they are cast. */
  readonly voteEnd: bigint;
};

/**
 * Puts calls of the timelock to the vote. The sender needs as many votes as the threshold, delegated (to itself, too) at least a block before.
 *
 * @throws CHAIN_GOVERNOR_INSUFFICIENT_PROPOSER_VOTES, CHAIN_GOVERNOR_UNEXPECTED_PROPOSAL_STATE where it was proposed before,
 * CHAIN_GOVERNOR_INVALID_PROPOSAL_LENGTH without calls
 *
 * @example
 * const proposal = { calls: [governedCall(deployment, { gasPrice: 30n * 10n ** 9n })], description: 'Gas has become dearer' };
 * const { proposalId, voteStart } = await propose(chain, deployment, proposal);
 */
export async function propose(chain: ChainWriter, deployment: Deployment, proposal: Proposal): Promise<ProposeReturnType> {
  const args = [...proposedCalls(proposal), proposal.description] as const;
  const { receipt, sent } = await write(chain, assayGovernorAbi, deployment.addresses.governor, 'propose', args);
  const { proposalId, voteStart, voteEnd } = eventFrom(receipt, assayGovernorAbi, 'ProposalCreated');
  return { proposalId, voteStart, voteEnd, ...sent };
}
