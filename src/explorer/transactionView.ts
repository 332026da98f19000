import { type Abi, decodeFunctionData, type Hex, isAddressEqual } from 'viem';
import { getTransaction } from 'viem/actions';
import { deploymentModules } from '../chain/deployment.ts';
import { auditRegistryAbi } from '../chain/generated/AuditRegistry.ts';
import { challengeManagerAbi } from '../chain/generated/ChallengeManager.ts';
import { datasetRegistryAbi } from '../chain/generated/DatasetRegistry.ts';
import { jobManagerAbi } from '../chain/generated/JobManager.ts';
import { modelRegistryAbi } from '../chain/generated/ModelRegistry.ts';
import { nodeRegistryAbi } from '../chain/generated/NodeRegistry.ts';
import { rewardDistributorAbi } from '../chain/generated/RewardDistributor.ts';
import { stakeManagerAbi } from '../chain/generated/StakeManager.ts';
import { validatorManagerAbi } from '../chain/generated/ValidatorManager.ts';
import { verifierRouterAbi } from '../chain/generated/VerifierRouter.ts';
import { windowManagerAbi } from '../chain/generated/WindowManager.ts';
import { eventRowOf, notFound, type ViewContext } from './viewContext.ts';
import type { JsonValue, TransactionView } from './views.ts';
import { asJson } from './words.ts';

const abis: Readonly<Record<string, Abi>> = {
  auditRegistry: auditRegistryAbi,
  challengeManager: challengeManagerAbi,
  datasetRegistry: datasetRegistryAbi,
  jobManager: jobManagerAbi,
  modelRegistry: modelRegistryAbi,
  nodeRegistry: nodeRegistryAbi,
  rewardDistributor: rewardDistributorAbi,
  stakeManager: stakeManagerAbi,
  validatorManager: validatorManagerAbi,
  verifierRouter: verifierRouterAbi,
  windowManager: windowManagerAbi,
};

/** Digits of an argument that are shown: a proof has thousands. */
const shownDigits = 200;

/** @throws EXPLORER_NOT_FOUND where it has no event of the deployment */
export async function transactionViewOf(context: ViewContext, hash: Hex): Promise<TransactionView> {
  const { chain, reader, facts } = context;
  const events = await reader.transactionEvents(hash);
  const [first] = events;
  if (first === undefined) throw notFound('transaction', hash);
  const [receipt, sent, time] = await Promise.all([
    facts.receipt(first),
    getTransaction(chain.client, { hash }).catch(() => undefined),
    facts.time(first),
  ]);
  return {
    hash,
    block: Number(first.blockNumber),
    time,
    from: receipt?.from ?? null,
    to: receipt?.to ?? null,
    call: sent === undefined || sent.to === null ? null : callOf(context, sent.to, sent.input),
    success: receipt?.success ?? null,
    gasUsed: receipt?.gasUsed ?? null,
    gasPrice: receipt?.gasPrice ?? null,
    events: await Promise.all(events.map((event) => eventRowOf(context, event))),
  };
}

function callOf({ deployment }: ViewContext, to: Hex, input: Hex): TransactionView['call'] {
  const module = deploymentModules.find((name) => isAddressEqual(deployment.addresses[name], to));
  const abi = module === undefined ? undefined : abis[module];
  if (module === undefined || abi === undefined) return null;
  try {
    const { functionName, args = [] } = decodeFunctionData({ abi, data: input });
    const item = abi.find((one) => one.type === 'function' && one.name === functionName && one.inputs.length === args.length);
    const inputs = item?.type === 'function' ? item.inputs : [];
    const named = args.map((value, i): [string, JsonValue] => {
      const name = inputs[i]?.name ?? String(i);
      return [name, cut(asJson(value, name))];
    });
    return { module, function: functionName, args: Object.fromEntries(named) };
  } catch {
    return null;
  }
}

function cut(value: JsonValue): JsonValue {
  if (typeof value === 'string' && value.length > shownDigits) return `${value.slice(0, shownDigits)}… (${value.length} characters)`;
  return Array.isArray(value) ? value.map(cut) : value;
}
