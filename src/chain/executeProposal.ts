import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { assayGovernorAbi } from './generated/AssayGovernor.ts';
import { type Proposal, proposalArguments } from './proposal.ts';

/**
 * Makes the calls of a proposal that has waited in the timelock for long enough. Anyone may.
 *
 * @throws CHAIN_TIMELOCK_UNEXPECTED_OPERATION_STATE before its time, CHAIN_GOVERNOR_UNEXPECTED_PROPOSAL_STATE where it is not queued; what its calls
 * revert with, such as CHAIN_OUT_OF_BOUNDS
 */
export async function executeProposal(chain: ChainWriter, deployment: Deployment, proposal: Proposal): Promise<Sent> {
  const { governor } = deployment.addresses;
  const { sent } = await write(chain, assayGovernorAbi, governor, 'execute', proposalArguments(proposal));
  return sent;
}
