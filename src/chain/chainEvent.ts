import { type Abi, type Address, type ContractEventName, decodeEventLog, type Hex, isAddressEqual } from 'viem';
import type { Deployment } from './deployment.ts';
import type { EventArgs } from './eventFrom.ts';
import { challengeManagerAbi } from './generated/ChallengeManager.ts';
import { circuitNamesAbi } from './generated/CircuitNames.ts';
import { datasetRegistryAbi } from './generated/DatasetRegistry.ts';
import { jobManagerAbi } from './generated/JobManager.ts';
import { modelRegistryAbi } from './generated/ModelRegistry.ts';
import { nodeRegistryAbi } from './generated/NodeRegistry.ts';
import { parametersAbi } from './generated/Parameters.ts';
import { reputationRegistryAbi } from './generated/ReputationRegistry.ts';
import { rewardDistributorAbi } from './generated/RewardDistributor.ts';
import { stakeManagerAbi } from './generated/StakeManager.ts';
import { tokenEmissionAbi } from './generated/TokenEmission.ts';
import { validatorManagerAbi } from './generated/ValidatorManager.ts';
import { verifierRouterAbi } from './generated/VerifierRouter.ts';
import { windowManagerAbi } from './generated/WindowManager.ts';

const sources = {
  challengeManager: challengeManagerAbi,
  circuitNames: circuitNamesAbi,
  datasetRegistry: datasetRegistryAbi,
  jobManager: jobManagerAbi,
  modelRegistry: modelRegistryAbi,
  nodeRegistry: nodeRegistryAbi,
  parameters: parametersAbi,
  reputationRegistry: reputationRegistryAbi,
  rewardDistributor: rewardDistributorAbi,
  stakeManager: stakeManagerAbi,
  tokenEmission: tokenEmissionAbi,
  validatorManager: validatorManagerAbi,
  verifierRouter: verifierRouterAbi,
  windowManager: windowManagerAbi,
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

/** A contract of a deployment that has events. */
export type EventModule = keyof Sources;

/** A log as the node gives it. */
export type ChainLog = {
  readonly address: Address;
  readonly topics: readonly Hex[];
  readonly data: Hex;
  readonly blockNumber: bigint;
  readonly blockHash: Hex;
  readonly transactionHash: Hex;
  readonly logIndex: number;
};

const modules = Object.keys(sources) as EventModule[];

/** The contracts whose events are read. */
export function eventAddresses(deployment: Deployment): Address[] {
  return modules.map((module) => deployment.addresses[module]);
}

/** What a log says; undefined where it is not of the deployment, or of no event that it declares (ERC-20's, an EIP-712 domain's). */
export function decodeEvent(deployment: Deployment, log: ChainLog): ChainEvent | undefined {
  const module = modules.find((candidate) => isAddressEqual(deployment.addresses[candidate], log.address));
  if (module === undefined) return undefined;
  const { topics, data, blockNumber, blockHash, transactionHash, logIndex } = log;
  try {
    const { eventName, args } = decodeEventLog({ abi: sources[module] as Abi, topics: topics as [Hex, ...Hex[]], data });
    return { module, name: eventName, args, blockNumber, blockHash, transactionHash, logIndex } as unknown as ChainEvent;
  } catch {
    return undefined;
  }
}
