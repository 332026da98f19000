import { type Abi, type Address, encodeDeployData, getContractAddress, type Hex, isAddressEqual } from 'viem';
import { getTransactionCount } from 'viem/actions';
import { AssayError } from '../errors.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment, DeploymentModule } from './deployment.ts';
import { assayTokenAbi, assayTokenBytecode } from './generated/AssayToken.ts';
import { challengeManagerAbi, challengeManagerBytecode } from './generated/ChallengeManager.ts';
import { datasetRegistryAbi, datasetRegistryBytecode } from './generated/DatasetRegistry.ts';
import { groth16InferenceVerifierAbi, groth16InferenceVerifierBytecode } from './generated/Groth16InferenceVerifier.ts';
import { honkInferenceVerifierAbi, honkInferenceVerifierBytecode } from './generated/HonkInferenceVerifier.ts';
import { jobManagerAbi, jobManagerBytecode } from './generated/JobManager.ts';
import { modelRegistryAbi, modelRegistryBytecode } from './generated/ModelRegistry.ts';
import { nodeRegistryAbi, nodeRegistryBytecode } from './generated/NodeRegistry.ts';
import { rewardDistributorAbi, rewardDistributorBytecode } from './generated/RewardDistributor.ts';
import { stakeManagerAbi, stakeManagerBytecode } from './generated/StakeManager.ts';
import { verifierRouterAbi, verifierRouterBytecode } from './generated/VerifierRouter.ts';
import { wellFormedVerifierAbi, wellFormedVerifierBytecode } from './generated/WellFormedVerifier.ts';
import { windowVerifierAbi, windowVerifierBytecode } from './generated/WindowVerifier.ts';
import { sendTransaction } from './sendTransaction.ts';
import { toChainError } from './toChainError.ts';

export type DeployContractsParameters = {
  /** Gets the whole supply of the stake token. Default: the deployer. */
  readonly tokenRecipient?: Address;
  /** Units of 1e-18. Default 1e9 tokens. */
  readonly tokenSupply?: bigint;
  /** Blocks until unbonded stake can leave; at least twice any job's lease and evidence time. Default 7,200. */
  readonly unbondingBlocks?: bigint;
  /** Called after each contract. */
  readonly onDeployed?: (module: DeploymentModule, address: Address) => void;
};

/**
 * Deploys every contract. They are wired by address at construction and never change afterwards; the JobManager, deployed last, refuses a set
 * that does not fit together. Nothing else may send from the account meanwhile.
 *
 * @throws CHAIN_DEPLOY_FAILED, CHAIN_RPC_UNREACHABLE
 */
export async function deployContracts(chain: ChainWriter, parameters: DeployContractsParameters = {}): Promise<Deployment> {
  const { tokenRecipient = chain.account.address, tokenSupply = 10n ** 27n, unbondingBlocks = 7_200n } = parameters;
  const from = chain.account.address;
  const nonce = await getTransactionCount(chain.client, { address: from, blockTag: 'pending' }).catch((error: unknown) => {
    throw toChainError(error, chain.rpcUrl);
  });
  const order: readonly DeploymentModule[] = [
    'token',
    'nodeRegistry',
    'verifierRouter',
    'datasetRegistry',
    'windowVerifier',
    'honkInferenceVerifier',
    'groth16InferenceVerifier',
    'wellFormedVerifier',
    'modelRegistry',
    'rewardDistributor',
    'stakeManager',
    'challengeManager',
    'jobManager',
  ];
  const addresses = Object.fromEntries(
    order.map((module, i) => [module, getContractAddress({ from, nonce: BigInt(nonce + i) })]),
  ) as Record<DeploymentModule, Address>;
  const {
    token,
    nodeRegistry,
    verifierRouter,
    datasetRegistry,
    modelRegistry,
    rewardDistributor,
    stakeManager,
    challengeManager,
    jobManager,
  } = addresses;
  const modules = { nodeRegistry, stakeManager, challengeManager, verifierRouter, rewardDistributor, modelRegistry, datasetRegistry };
  const creations: Readonly<Record<DeploymentModule, Hex>> = {
    token: encodeDeployData({ abi: assayTokenAbi, bytecode: assayTokenBytecode, args: [tokenRecipient, tokenSupply] }),
    nodeRegistry: encodeDeployData({ abi: nodeRegistryAbi, bytecode: nodeRegistryBytecode }),
    verifierRouter: encodeDeployData({ abi: verifierRouterAbi as Abi, bytecode: verifierRouterBytecode }),
    datasetRegistry: encodeDeployData({ abi: datasetRegistryAbi as Abi, bytecode: datasetRegistryBytecode }),
    windowVerifier: encodeDeployData({ abi: windowVerifierAbi as Abi, bytecode: windowVerifierBytecode }),
    honkInferenceVerifier: encodeDeployData({ abi: honkInferenceVerifierAbi as Abi, bytecode: honkInferenceVerifierBytecode }),
    groth16InferenceVerifier: encodeDeployData({ abi: groth16InferenceVerifierAbi as Abi, bytecode: groth16InferenceVerifierBytecode }),
    wellFormedVerifier: encodeDeployData({ abi: wellFormedVerifierAbi as Abi, bytecode: wellFormedVerifierBytecode }),
    modelRegistry: encodeDeployData({ abi: modelRegistryAbi, bytecode: modelRegistryBytecode, args: [jobManager] }),
    rewardDistributor: encodeDeployData({
      abi: rewardDistributorAbi,
      bytecode: rewardDistributorBytecode,
      args: [jobManager, stakeManager],
    }),
    stakeManager: encodeDeployData({
      abi: stakeManagerAbi,
      bytecode: stakeManagerBytecode,
      args: [token, nodeRegistry, rewardDistributor, jobManager, challengeManager, unbondingBlocks],
    }),
    challengeManager: encodeDeployData({
      abi: challengeManagerAbi,
      bytecode: challengeManagerBytecode,
      args: [jobManager, stakeManager, nodeRegistry, verifierRouter],
    }),
    jobManager: encodeDeployData({ abi: jobManagerAbi, bytecode: jobManagerBytecode, args: [modules] }),
  };
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
  return { chainId: chain.chainId, blockNumber: Number(blockNumber), firstBlock: Number(firstBlock ?? blockNumber), addresses };
}
