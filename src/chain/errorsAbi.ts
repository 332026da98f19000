import type { Abi } from 'viem';
import { assayTokenAbi } from './generated/AssayToken.ts';
import { challengeManagerAbi } from './generated/ChallengeManager.ts';
import { datasetRegistryAbi } from './generated/DatasetRegistry.ts';
import { groth16InferenceVerifierAbi } from './generated/Groth16InferenceVerifier.ts';
import { honkInferenceVerifierAbi } from './generated/HonkInferenceVerifier.ts';
import { jobManagerAbi } from './generated/JobManager.ts';
import { modelRegistryAbi } from './generated/ModelRegistry.ts';
import { nodeRegistryAbi } from './generated/NodeRegistry.ts';
import { rewardDistributorAbi } from './generated/RewardDistributor.ts';
import { stakeManagerAbi } from './generated/StakeManager.ts';
import { verifierRouterAbi } from './generated/VerifierRouter.ts';
import { wellFormedVerifierAbi } from './generated/WellFormedVerifier.ts';
import { windowVerifierAbi } from './generated/WindowVerifier.ts';

const all = [
  assayTokenAbi,
  challengeManagerAbi,
  datasetRegistryAbi,
  groth16InferenceVerifierAbi,
  honkInferenceVerifierAbi,
  jobManagerAbi,
  modelRegistryAbi,
  nodeRegistryAbi,
  rewardDistributorAbi,
  stakeManagerAbi,
  verifierRouterAbi,
  wellFormedVerifierAbi,
  windowVerifierAbi,
];

type AbiError = Extract<Abi[number], { type: 'error' }>;

/** Every typed error of every contract: a call can revert with the error of a contract further down. */
export const errorsAbi: readonly AbiError[] = all.flat().filter((entry) => entry.type === 'error');
