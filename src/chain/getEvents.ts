import { type Abi, type Address, type ContractEventName, type Hex, isAddressEqual, parseEventLogs } from 'viem';
import { getBlockNumber, getLogs } from 'viem/actions';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import type { EventArgs } from './eventFrom.ts';
import { challengeManagerAbi } from './generated/ChallengeManager.ts';
import { datasetRegistryAbi } from './generated/DatasetRegistry.ts';
import { jobManagerAbi } from './generated/JobManager.ts';
import { modelRegistryAbi } from './generated/ModelRegistry.ts';
import { nodeRegistryAbi } from './generated/NodeRegistry.ts';
import { rewardDistributorAbi } from './generated/RewardDistributor.ts';
import { stakeManagerAbi } from './generated/StakeManager.ts';
import { verifierRouterAbi } from './generated/VerifierRouter.ts';
import { toChainError } from './toChainError.ts';

const sources = {
  challengeManager: challengeManagerAbi,
  datasetRegistry: datasetRegistryAbi,
  jobManager: jobManagerAbi,
  modelRegistry: modelRegistryAbi,
  nodeRegistry: nodeRegistryAbi,
  rewardDistributor: rewardDistributorAbi,
  stakeManager: stakeManagerAbi,
  verifierRouter: verifierRouterAbi,
} as const;

type Sources = typeof sources;
type EventOf<module extends keyof Sources> = {
  [name in ContractEventName<Sources[module]>]: {
    readonly module: module;
    readonly name: name;
    readonly args: EventArgs<Sources[module], name>;
    readonly blockNumber: bigint;
    readonly blockHash: Hex;
    readonly transactionHash: Hex;
    readonly logIndex: number;
  };
}[ContractEventName<Sources[module]>];

/** Any event of the contracts, discriminated by `name`. */
export type ChainEvent = { [module in keyof Sources]: EventOf<module> }[keyof Sources];

export type GetEventsParameters = {
  /** Default: the deployment's first block. */
  readonly fromBlock?: bigint;
  /** Default: the latest block. */
  readonly toBlock?: bigint;
  /** Only these. */
  readonly names?: readonly ChainEvent['name'][];
};

/** Blocks asked for at once; many nodes refuse more. */
const blockSpan = 5_000n;

/** Every event of a deployment's contracts in a range of blocks, in order. The range may be empty. */
export async function getEvents(
  chain: ChainReader,
  deployment: Deployment,
  parameters: GetEventsParameters = {},
): Promise<readonly ChainEvent[]> {
  const modules = Object.keys(sources) as (keyof Sources)[];
  const found: ChainEvent[] = [];
  try {
    const last = parameters.toBlock ?? (await getBlockNumber(chain.client, { cacheTime: 0 }));
    for (let from = parameters.fromBlock ?? BigInt(deployment.firstBlock); from <= last; from += blockSpan) {
      const to = from + blockSpan - 1n < last ? from + blockSpan - 1n : last;
      const address: Address[] = modules.map((module) => deployment.addresses[module]);
      for (const log of await getLogs(chain.client, { address, fromBlock: from, toBlock: to })) {
        const module = modules.find((m) => isAddressEqual(deployment.addresses[m], log.address));
        if (module === undefined) continue;
        const [event] = parseEventLogs({ abi: sources[module] as Abi, logs: [log] }) as unknown as { eventName: string; args: unknown }[];
        if (event === undefined || (parameters.names !== undefined && !parameters.names.includes(event.eventName as ChainEvent['name'])))
          continue;
        const { blockNumber, blockHash, transactionHash, logIndex } = log;
        found.push({ module, name: event.eventName, args: event.args, blockNumber, blockHash, transactionHash, logIndex } as ChainEvent);
      }
    }
  } catch (error) {
    throw toChainError(error, chain.rpcUrl);
  }
  return found;
}
