import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { assayGovernorAbi } from './generated/AssayGovernor.ts';
import { type Proposal, proposalArguments } from './proposal.ts';

/** Takes a proposal back before its vote starts; its proposer only. Throws CHAIN_GOVERNOR_UNABLE_TO_CANCEL. */
export async function cancelProposal(chain: ChainWriter, deployment: Deployment, proposal: Proposal): Promise<Sent> {
  const { governor } = deployment.addresses;
  const { sent } = await write(chain, assayGovernorAbi, governor, 'cancel', proposalArguments(proposal));
  return sent;
}
