import type { Address } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { assayGovernorAbi } from './generated/AssayGovernor.ts';

/** In the order of the contract. */
const states = ['pending', 'active', 'canceled', 'defeated', 'succeeded', 'queued', 'expired', 'executed'] as const;

export type ProposalRecord = {
  readonly state: (typeof states)[number];
  readonly proposer: Address;
  /** Votes count as they were after this block. */
  readonly voteStart: bigint;
  /** Last block in which they are cast. */
  readonly voteEnd: bigint;
  /** Unix seconds from which it can be executed; undefined while it is not queued. */
  readonly executableAt: bigint | undefined;
  /** Votes in units of 1e-18 ASSAY. */
  readonly votesFor: bigint;
  readonly votesAgainst: bigint;
  readonly votesAbstaining: bigint;
};

/** How far a proposal is. Throws CHAIN_GOVERNOR_NONEXISTENT_PROPOSAL. */
export async function getProposal(chain: ChainReader, deployment: Deployment, proposalId: bigint): Promise<ProposalRecord> {
  const { governor } = deployment.addresses;
  const args = [proposalId] as const;
  const [state, proposer, voteStart, voteEnd, eta, [votesAgainst, votesFor, votesAbstaining]] = await Promise.all([
    read(chain, assayGovernorAbi, governor, 'state', args),
    read(chain, assayGovernorAbi, governor, 'proposalProposer', args),
    read(chain, assayGovernorAbi, governor, 'proposalSnapshot', args),
    read(chain, assayGovernorAbi, governor, 'proposalDeadline', args),
    read(chain, assayGovernorAbi, governor, 'proposalEta', args),
    read(chain, assayGovernorAbi, governor, 'proposalVotes', args),
  ]);
  return {
    state: states[state] as ProposalRecord['state'],
    proposer,
    voteStart,
    voteEnd,
    executableAt: eta === 0n ? undefined : eta,
    votesFor,
    votesAgainst,
    votesAbstaining,
  };
}
