import type { Abi } from 'viem';
import { assayGovernorAbi } from './generated/AssayGovernor.ts';
import { assayTokenAbi } from './generated/AssayToken.ts';
import { auditRegistryAbi } from './generated/AuditRegistry.ts';
import { auditVerifierAbi } from './generated/AuditVerifier.ts';
import { challengeManagerAbi } from './generated/ChallengeManager.ts';
import { circuitNamesAbi } from './generated/CircuitNames.ts';
import { datasetRegistryAbi } from './generated/DatasetRegistry.ts';
import { groth16InferenceVerifierAbi } from './generated/Groth16InferenceVerifier.ts';
import { honkInferenceVerifierAbi } from './generated/HonkInferenceVerifier.ts';
import { jobManagerAbi } from './generated/JobManager.ts';
import { membershipVerifierAbi } from './generated/MembershipVerifier.ts';
import { modelRegistryAbi } from './generated/ModelRegistry.ts';
import { nodeRegistryAbi } from './generated/NodeRegistry.ts';
import { parametersAbi } from './generated/Parameters.ts';
import { reputationRegistryAbi } from './generated/ReputationRegistry.ts';
import { rewardDistributorAbi } from './generated/RewardDistributor.ts';
import { stakeManagerAbi } from './generated/StakeManager.ts';
import { timelockControllerAbi } from './generated/TimelockController.ts';
import { tokenEmissionAbi } from './generated/TokenEmission.ts';
import { validatorManagerAbi } from './generated/ValidatorManager.ts';
import { verifierRouterAbi } from './generated/VerifierRouter.ts';
import { wellFormedVerifierAbi } from './generated/WellFormedVerifier.ts';
import { windowManagerAbi } from './generated/WindowManager.ts';
import { windowVerifierAbi } from './generated/WindowVerifier.ts';

const all = [
  assayGovernorAbi,
  assayTokenAbi,
  auditRegistryAbi,
  auditVerifierAbi,
  challengeManagerAbi,
  circuitNamesAbi,
  datasetRegistryAbi,
  groth16InferenceVerifierAbi,
  honkInferenceVerifierAbi,
  jobManagerAbi,
  membershipVerifierAbi,
  modelRegistryAbi,
  nodeRegistryAbi,
  parametersAbi,
  reputationRegistryAbi,
  rewardDistributorAbi,
  stakeManagerAbi,
  timelockControllerAbi,
  tokenEmissionAbi,
  validatorManagerAbi,
  verifierRouterAbi,
  wellFormedVerifierAbi,
  windowManagerAbi,
  windowVerifierAbi,
];

type AbiError = Extract<Abi[number], { type: 'error' }>;

/** Every typed error of every contract: a call can revert with the error of a contract further down. */
export const errorsAbi: readonly AbiError[] = all.flat().filter((entry) => entry.type === 'error');
