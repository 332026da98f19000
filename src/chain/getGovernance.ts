import type { Address } from 'viem';
import { getBlockNumber } from 'viem/actions';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { assayGovernorAbi } from './generated/AssayGovernor.ts';
import { timelockControllerAbi } from './generated/TimelockController.ts';
import { toChainError } from './toChainError.ts';

export type Governance = {
  /** Blocks from a proposal to its votes. */
  readonly votingDelayBlocks: bigint;
  /** Blocks in which votes are cast. */
  readonly votingPeriodBlocks: bigint;
  /** Votes that a proposer needs, in units of 1e-18 ASSAY. */
  readonly threshold: bigint;
  /** Votes for and abstaining that a proposal needs, were its votes counted from the block before the latest. */
  readonly quorum: bigint;
  /** Whose calls are governed. */
  readonly timelock: Address;
  /** From a vote that is won and queued to its execution. */
  readonly timelockSeconds: bigint;
};

/** By which rules votes are held now; votes themselves can change them. */
export async function getGovernance(chain: ChainReader, deployment: Deployment): Promise<Governance> {
  const { governor, timelock } = deployment.addresses;
  const latest = await getBlockNumber(chain.client, { cacheTime: 0 }).catch((error: unknown) => {
    throw toChainError(error, chain.rpcUrl);
  });
  const [votingDelayBlocks, votingPeriodBlocks, threshold, quorum, timelockSeconds] = await Promise.all([
    read(chain, assayGovernorAbi, governor, 'votingDelay', []),
    read(chain, assayGovernorAbi, governor, 'votingPeriod', []),
    read(chain, assayGovernorAbi, governor, 'proposalThreshold', []),
    read(chain, assayGovernorAbi, governor, 'quorum', [latest - 1n]),
    read(chain, timelockControllerAbi, timelock, 'getMinDelay', []),
  ]);
  return { votingDelayBlocks, votingPeriodBlocks, threshold, quorum, timelock, timelockSeconds };
}
