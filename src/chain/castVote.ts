import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { eventFrom } from './eventFrom.ts';
import { assayGovernorAbi } from './generated/AssayGovernor.ts';

/** In the order of the contract. */
const votes = ['against', 'for', 'abstain'] as const;

export type CastVoteParameters = {
  readonly proposalId: bigint;
  readonly vote: (typeof votes)[number];
  readonly reason?: string;
};

/**
 * Votes with all that was delegated to the sender when the vote started; once.
 *
 * @returns weight in units of 1e-18 ASSAY
 * @throws CHAIN_GOVERNOR_UNEXPECTED_PROPOSAL_STATE before or after the voting, CHAIN_GOVERNOR_ALREADY_CAST_VOTE, CHAIN_GOVERNOR_NONEXISTENT_PROPOSAL
 */
export async function castVote(
  chain: ChainWriter,
  deployment: Deployment,
  { proposalId, vote, reason = '' }: CastVoteParameters,
): Promise<Sent & { readonly weight: bigint }> {
  const args = [proposalId, votes.indexOf(vote), reason] as const;
  const { receipt, sent } = await write(chain, assayGovernorAbi, deployment.addresses.governor, 'castVoteWithReason', args);
  return { weight: eventFrom(receipt, assayGovernorAbi, 'VoteCast').weight, ...sent };
}
