import type { Abi, AbiEvent, Address, ContractEventName, Hex } from 'viem';
import { type LogDecoder, logDecoder } from './decodeLog.ts';
import type { Deployment } from './deployment.ts';
import type { EventArgs } from './eventFrom.ts';
import { auditRegistryAbi } from './generated/AuditRegistry.ts';
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
  auditRegistry: auditRegistryAbi,
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
    /** Unix seconds; undefined where the node does not tell it with its logs. */
    readonly time?: number | undefined;
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
  /** Unix seconds; not every node tells. */
  readonly time?: number | undefined;
};

const modules = Object.keys(sources) as EventModule[];

/** The contracts whose events are read. */
export function eventAddresses(deployment: Deployment): Address[] {
  return modules.map((module) => deployment.addresses[module]);
}

const decoders = Object.fromEntries(
  modules.map((module) => {
    const events = (sources[module] as Abi).filter((item) => item.type === 'event') as AbiEvent[];
    return [module, new Map<Hex, LogDecoder>(events.map(logDecoder))];
  }),
) as unknown as Readonly<Record<EventModule, ReadonlyMap<Hex, LogDecoder>>>;

const names = new Set(modules.flatMap((module) => [...decoders[module].values()].map(({ name }) => name)));

export function isEventName(text: string): text is ChainEvent['name'] {
  return names.has(text);
}

/** Events of the contracts that have an argument of this name. */
export function eventsWith(argument: string): ChainEvent['name'][] {
  const found = modules.flatMap((module) =>
    (sources[module] as Abi).flatMap((item) =>
      item.type === 'event' && item.inputs.some(({ name }) => name === argument) ? [item.name] : [],
    ),
  );
  return [...new Set(found)] as ChainEvent['name'][];
}

const byAddress = new WeakMap<Deployment, ReadonlyMap<string, EventModule>>();

function moduleAt(deployment: Deployment, address: Address): EventModule | undefined {
  let known = byAddress.get(deployment);
  if (known === undefined) {
    known = new Map(modules.map((module) => [deployment.addresses[module].toLowerCase(), module]));
    byAddress.set(deployment, known);
  }
  return known.get(address.toLowerCase());
}

/** What a log says; undefined where it is not of the deployment, or of no event that it declares (ERC-20's). */
export function decodeEvent(deployment: Deployment, log: ChainLog): ChainEvent | undefined {
  const module = moduleAt(deployment, log.address);
  const decoder = module === undefined ? undefined : decoders[module].get(log.topics[0] as Hex);
  if (decoder === undefined) return undefined;
  const { topics, data, blockNumber, blockHash, transactionHash, logIndex, time } = log;
  try {
    const args = decoder.decode(topics, data);
    const at = time === undefined ? {} : { time };
    return { module, name: decoder.name, args, blockNumber, blockHash, transactionHash, logIndex, ...at } as unknown as ChainEvent;
  } catch {
    return undefined;
  }
}
