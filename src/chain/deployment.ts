import { readFileSync, writeFileSync } from 'node:fs';
import { type Address, isAddress } from 'viem';
import { AssayError, exitCodes } from '../errors.ts';
import { type ChainReader, devnetChainIds } from './connectChain.ts';
import { toChainError } from './toChainError.ts';

/** Every contract of a set, in the order of their creation; the governor makes the timelock. */
export const deploymentModules = [
  'token',
  'governor',
  'timelock',
  'nodeRegistry',
  'parameters',
  'verifierRouter',
  'datasetRegistry',
  'modelRegistry',
  'rewardDistributor',
  'stakeManager',
  'reputationRegistry',
  'tokenEmission',
  'validatorManager',
  'challengeManager',
  'windowManager',
  'jobManager',
  'circuitNames',
  'windowVerifier',
  'honkInferenceVerifier',
  'groth16InferenceVerifier',
  'wellFormedVerifier',
  'auditVerifier',
  'auditRegistry',
  'membershipVerifier',
] as const;

export type DeploymentModule = (typeof deploymentModules)[number];

/** Of the manifest, and of the set of contracts that it names: version 1 had one contract for jobs and windows, and eager jobs only; 2 had no audits. */
export const deploymentVersion = 3;

/** One set of contracts on one chain. Plain JSON. */
export type Deployment = {
  readonly version: typeof deploymentVersion;
  readonly chainId: number;
  /** `dev` where the contracts take circuits of the dev ceremony, whose secret is published: on the chain ids of devnets, and nowhere else. */
  readonly profile: 'dev' | 'public';
  /** Block of the last deployment; no event of the set is older than `firstBlock`. */
  readonly blockNumber: number;
  readonly firstBlock: number;
  readonly addresses: Readonly<Record<DeploymentModule, Address>>;
};

/** The profile of a deployment, as JobManager decides it. */
export const deploymentProfile = (chainId: number): Deployment['profile'] => (devnetChainIds.includes(chainId) ? 'dev' : 'public');

/** Reads a value of unknown origin as a deployment. Throws CHAIN_DEPLOYMENT_INVALID, CHAIN_DEPLOYMENT_VERSION. */
export function parseDeployment(value: unknown): Deployment {
  const invalid = (what: string): never => {
    throw new AssayError('CHAIN_DEPLOYMENT_INVALID', `not a deployment manifest: ${what}`);
  };
  const manifest = (value ?? {}) as {
    version?: unknown;
    chainId?: unknown;
    profile?: unknown;
    blockNumber?: unknown;
    firstBlock?: unknown;
    addresses?: Record<string, unknown>;
  };
  // The first version did not say which it is.
  const version = manifest.version ?? (typeof manifest.addresses?.['jobManager'] === 'string' ? 1 : undefined);
  if (version !== deploymentVersion) {
    if (!Number.isSafeInteger(version)) invalid(`version is ${String(version)}`);
    throw new AssayError(
      'CHAIN_DEPLOYMENT_VERSION',
      `the manifest is of version ${version}, this program speaks to version ${deploymentVersion}`,
      {
        hint:
          (version as number) < deploymentVersion
            ? 'Those contracts are older: deploy again (assay deploy --rpc URL), or use the release of Assay that deployed them.'
            : 'Those contracts are newer: upgrade Assay.',
      },
    );
  }
  const natural = (name: 'chainId' | 'blockNumber' | 'firstBlock'): number => {
    const number = manifest[name];
    return Number.isSafeInteger(number) && (number as number) >= 0 ? (number as number) : invalid(`${name} is ${String(number)}`);
  };
  const chainId = natural('chainId');
  const profile = deploymentProfile(chainId);
  // Manifests have said it for some time only; one that says otherwise is not to be believed in anything.
  if ((manifest.profile ?? profile) !== profile) invalid(`profile is ${String(manifest.profile)}, on chain ${chainId} it is ${profile}`);
  const addresses = Object.fromEntries(
    deploymentModules.map((module): [DeploymentModule, Address] => {
      const address = manifest.addresses?.[module];
      return [module, typeof address === 'string' && isAddress(address) ? address : invalid(`addresses.${module} is ${String(address)}`)];
    }),
  ) as Record<DeploymentModule, Address>;
  return {
    version: deploymentVersion,
    chainId,
    profile,
    blockNumber: natural('blockNumber'),
    firstBlock: natural('firstBlock'),
    addresses,
  };
}

/** Reads a deployment manifest (JSON). Throws CHAIN_DEPLOYMENT_MISSING, CHAIN_DEPLOYMENT_INVALID, CHAIN_DEPLOYMENT_VERSION. */
export function readDeployment(path: string): Deployment {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new AssayError('CHAIN_DEPLOYMENT_MISSING', `cannot read the deployment manifest ${path}`, {
      cause,
      hint: 'Name the manifest of a deployment (--deployment FILE), or make one: assay deploy --rpc URL, or assay devnet up for a chain of your own.',
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new AssayError('CHAIN_DEPLOYMENT_INVALID', `${path} is not JSON`, { cause });
  }
  return parseDeployment(value);
}

/** Writes a deployment manifest. */
export function writeDeployment(path: string, deployment: Deployment): void {
  writeFileSync(path, `${JSON.stringify(deployment, null, 2)}\n`);
}

/** Refuses a deployment of another chain, or one whose contracts are not there. Throws CHAIN_WRONG_CHAIN, CHAIN_NOT_DEPLOYED (exit code 5). */
export async function assertDeployment(chain: ChainReader, deployment: Deployment): Promise<void> {
  if (chain.chainId !== deployment.chainId) {
    throw new AssayError('CHAIN_WRONG_CHAIN', `the deployment is on chain ${deployment.chainId}, the node on ${chain.chainId}`, {
      exitCode: exitCodes.network,
    });
  }
  for (const module of deploymentModules) {
    const address = deployment.addresses[module];
    const code = await chain.client.getCode({ address }).catch((error: unknown) => {
      throw toChainError(error, chain.rpcUrl);
    });
    if (code !== undefined && code !== '0x') continue;
    throw new AssayError('CHAIN_NOT_DEPLOYED', `there is no ${module} at ${address} on chain ${chain.chainId}`, {
      hint: 'The node may have been restarted: deploy again.',
      exitCode: exitCodes.network,
    });
  }
}
