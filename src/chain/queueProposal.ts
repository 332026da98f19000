import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { eventFrom } from './eventFrom.ts';
import { assayGovernorAbi } from './generated/AssayGovernor.ts';
import { type Proposal, proposalArguments } from './proposal.ts';

/**
 * Hands a proposal whose vote is won to the timelock. Anyone may.
 *
 * @returns executableAt Unix seconds from which it can be executed
 * @throws CHAIN_GOVERNOR_UNEXPECTED_PROPOSAL_STATE where it is not won, or queued already
 */
export async function queueProposal(
  chain: ChainWriter,
  deployment: Deployment,
  proposal: Proposal,
): Promise<Sent & { readonly executableAt: bigint }> {
  const { governor } = deployment.addresses;
  const { receipt, sent } = await write(chain, assayGovernorAbi, governor, 'queue', proposalArguments(proposal));
  return { executableAt: eventFrom(receipt, assayGovernorAbi, 'ProposalQueued').etaSeconds, ...sent };
}
