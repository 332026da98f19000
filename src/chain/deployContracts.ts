import { type Abi, type Address, encodeDeployData, getContractAddress, type Hex, isAddressEqual } from 'viem';
import { getTransactionCount } from 'viem/actions';
import { AssayError } from '../errors.ts';
import { read } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import { type Deployment, type DeploymentModule, deploymentModules, deploymentProfile, deploymentVersion } from './deployment.ts';
import { assayGovernorAbi, assayGovernorBytecode } from './generated/AssayGovernor.ts';
import { assayTokenAbi, assayTokenBytecode } from './generated/AssayToken.ts';
import { auditRegistryAbi, auditRegistryBytecode } from './generated/AuditRegistry.ts';
import { auditVerifierBytecode } from './generated/AuditVerifier.ts';
import { challengeManagerAbi, challengeManagerBytecode } from './generated/ChallengeManager.ts';
import { circuitNamesAbi, circuitNamesBytecode } from './generated/CircuitNames.ts';
import { datasetRegistryAbi, datasetRegistryBytecode } from './generated/DatasetRegistry.ts';
import { groth16InferenceVerifierBytecode } from './generated/Groth16InferenceVerifier.ts';
import { honkInferenceVerifierBytecode } from './generated/HonkInferenceVerifier.ts';
import { jobManagerAbi, jobManagerBytecode } from './generated/JobManager.ts';
import { membershipVerifierBytecode } from './generated/MembershipVerifier.ts';
import { modelRegistryAbi, modelRegistryBytecode } from './generated/ModelRegistry.ts';
import { nodeRegistryAbi, nodeRegistryBytecode } from './generated/NodeRegistry.ts';
import { parametersAbi, parametersBytecode } from './generated/Parameters.ts';
import { reputationRegistryAbi, reputationRegistryBytecode } from './generated/ReputationRegistry.ts';
import { rewardDistributorAbi, rewardDistributorBytecode } from './generated/RewardDistributor.ts';
import { stakeManagerAbi, stakeManagerBytecode } from './generated/StakeManager.ts';
import { tokenEmissionAbi, tokenEmissionBytecode } from './generated/TokenEmission.ts';
import { validatorManagerAbi, validatorManagerBytecode } from './generated/ValidatorManager.ts';
import { verifierRouterAbi, verifierRouterBytecode } from './generated/VerifierRouter.ts';
import { wellFormedVerifierBytecode } from './generated/WellFormedVerifier.ts';
import { windowManagerAbi, windowManagerBytecode } from './generated/WindowManager.ts';
import { windowVerifierBytecode } from './generated/WindowVerifier.ts';
import { sendTransaction } from './sendTransaction.ts';
import { toChainError } from './toChainError.ts';

export type DeployContractsParameters = {
  /** Gets the whole first supply of ASSAY. Default: the deployer. */
  readonly tokenRecipient?: Address;
  /** Units of 1e-18 ASSAY; at most what all of the emission leaves of the highest supply: 817,500,000. Default 8e8 ASSAY. */
  readonly tokenSupply?: bigint;
  /** Blocks until unbonded stake can leave; at least twice all that a job's windows of time come to. Default 50,400: a week of 12 seconds. */
  readonly unbondingBlocks?: bigint;
  /** May stop new jobs for a while, and nothing else. Default: the deployer. */
  readonly guardian?: Address;
  /** How long the guardian may, at most 2,628,000. Default that: a year. */
  readonly guardianTermBlocks?: bigint;
  readonly governance?: GovernanceParameters;
  /** Called after each contract. */
  readonly onDeployed?: (module: DeploymentModule, address: Address) => void;
};

export type GovernanceParameters = {
  /** Blocks from a proposal to its votes. Default 7,200: a day. */
  readonly votingDelayBlocks?: number;
  /** Blocks in which votes are cast. Default 50,400: a week. */
  readonly votingPeriodBlocks?: number;
  /** Votes that a proposer needs, in units of 1e-18 ASSAY. Default 1,000,000 ASSAY. */
  readonly threshold?: bigint;
  /** Of all ASSAY. Default 4. */
  readonly quorumPercent?: bigint;
  /** From a vote that is won and queued to its execution. Default 172,800: two days. */
  readonly timelockSeconds?: bigint;
};

/** What an account creates; the governor makes the timelock itself. */
type Created = Exclude<DeploymentModule, 'timelock'>;
const order = deploymentModules.filter((module): module is Created => module !== 'timelock');

/**
 * Deploys every contract. They are wired by addresses that are known before the first is made and never change afterwards; the JobManager, made
 * after the parts, refuses a set that does not fit together. Nothing else may send from the account meanwhile.
 *
 * @throws CHAIN_DEPLOY_FAILED, CHAIN_RPC_UNREACHABLE
 */
export async function deployContracts(chain: ChainWriter, parameters: DeployContractsParameters = {}): Promise<Deployment> {
  const from = chain.account.address;
  const nonce = await getTransactionCount(chain.client, { address: from, blockTag: 'pending' }).catch((error: unknown) => {
    throw toChainError(error, chain.rpcUrl);
  });
  const created = Object.fromEntries(order.map((module, i) => [module, getContractAddress({ from, nonce: BigInt(nonce + i) })])) as Record<
    Created,
    Address
  >;
  // A contract's first creation has nonce 1.
  const addresses = { ...created, timelock: getContractAddress({ from: created.governor, nonce: 1n }) };
  const creations = creationsOf(addresses, from, parameters);
  let firstBlock: bigint | undefined;
  let blockNumber = 0n;
  for (const module of order) {
    const receipt = await sendTransaction(chain, { data: creations[module] });
    const address = receipt.contractAddress;
    if (receipt.status !== 'success' || address === null || address === undefined || !isAddressEqual(address, addresses[module])) {
      throw new AssayError('CHAIN_DEPLOY_FAILED', `${module} was not deployed at ${addresses[module]}`, {
        details: `transaction ${receipt.transactionHash}`,
        hint: 'Deploy again, from an account that sends nothing else meanwhile.',
      });
    }
    firstBlock ??= receipt.blockNumber;
    blockNumber = receipt.blockNumber;
    parameters.onDeployed?.(module, address);
  }
  const timelock = await read(chain, assayGovernorAbi, addresses.governor, 'timelock', []);
  if (!isAddressEqual(timelock, addresses.timelock)) {
    throw new AssayError('CHAIN_DEPLOY_FAILED', `the governor's timelock is ${timelock}, the others were told ${addresses.timelock}`);
  }
  return {
    version: deploymentVersion,
    chainId: chain.chainId,
    profile: deploymentProfile(chain.chainId),
    blockNumber: Number(blockNumber),
    firstBlock: Number(firstBlock ?? blockNumber),
    addresses,
  };
}

function creationsOf(
  addresses: Deployment['addresses'],
  deployer: Address,
  parameters: DeployContractsParameters,
): Readonly<Record<Created, Hex>> {
  const { tokenRecipient = deployer, tokenSupply = 800_000_000n * 10n ** 18n, unbondingBlocks = 50_400n } = parameters;
  const { guardian = deployer, guardianTermBlocks = 2_628_000n, governance = {} } = parameters;
  const { votingDelayBlocks = 7_200, votingPeriodBlocks = 50_400, threshold = 10n ** 24n } = governance;
  const { quorumPercent = 4n, timelockSeconds = 172_800n } = governance;
  const { token, nodeRegistry, verifierRouter, datasetRegistry, modelRegistry, rewardDistributor, stakeManager } = addresses;
  const { reputationRegistry, tokenEmission, validatorManager, challengeManager, windowManager, jobManager, timelock } = addresses;
  const set = {
    token,
    nodeRegistry,
    parameters: addresses.parameters,
    verifierRouter,
    datasetRegistry,
    modelRegistry,
    rewardDistributor,
    stakeManager,
    reputationRegistry,
    tokenEmission,
    validatorManager,
    challengeManager,
    windowManager,
    jobManager,
  };
  const creation = (abi: readonly unknown[], bytecode: Hex, args: readonly unknown[]): Hex =>
    encodeDeployData({ abi: abi as Abi, bytecode, args });
  return {
    token: creation(assayTokenAbi, assayTokenBytecode, [set, tokenRecipient, tokenSupply]),
    governor: creation(assayGovernorAbi, assayGovernorBytecode, [
      token,
      votingDelayBlocks,
      votingPeriodBlocks,
      threshold,
      quorumPercent,
      timelockSeconds,
    ]),
    nodeRegistry: creation(nodeRegistryAbi, nodeRegistryBytecode, [set]),
    parameters: creation(parametersAbi, parametersBytecode, [set, timelock, guardian, guardianTermBlocks]),
    verifierRouter: creation(verifierRouterAbi, verifierRouterBytecode, [set]),
    datasetRegistry: creation(datasetRegistryAbi, datasetRegistryBytecode, [set]),
    modelRegistry: creation(modelRegistryAbi, modelRegistryBytecode, [set]),
    rewardDistributor: creation(rewardDistributorAbi, rewardDistributorBytecode, [set]),
    stakeManager: creation(stakeManagerAbi, stakeManagerBytecode, [set, unbondingBlocks]),
    reputationRegistry: creation(reputationRegistryAbi, reputationRegistryBytecode, [set]),
    tokenEmission: creation(tokenEmissionAbi, tokenEmissionBytecode, [set]),
    validatorManager: creation(validatorManagerAbi, validatorManagerBytecode, [set]),
    challengeManager: creation(challengeManagerAbi, challengeManagerBytecode, [set]),
    windowManager: creation(windowManagerAbi, windowManagerBytecode, [set]),
    jobManager: creation(jobManagerAbi, jobManagerBytecode, [set]),
    circuitNames: creation(circuitNamesAbi, circuitNamesBytecode, [timelock]),
    windowVerifier: windowVerifierBytecode,
    honkInferenceVerifier: honkInferenceVerifierBytecode,
    groth16InferenceVerifier: groth16InferenceVerifierBytecode,
    wellFormedVerifier: wellFormedVerifierBytecode,
    auditVerifier: auditVerifierBytecode,
    auditRegistry: creation(auditRegistryAbi, auditRegistryBytecode, [set]),
    membershipVerifier: membershipVerifierBytecode,
  };
}
