import { type Address, decodeFunctionData, type Hex, isAddressEqual } from 'viem';
import type { ChainReader } from '../chain/connectChain.ts';
import type { Deployment } from '../chain/deployment.ts';
import { windowManagerAbi } from '../chain/generated/WindowManager.ts';
import { windowVerifierDeployedBytecode } from '../chain/generated/WindowVerifier.ts';
import { getCircuit } from '../chain/getCircuit.ts';
import type { Job } from '../chain/getJob.ts';
import type { FinalizedWindow } from '../chain/getLineage.ts';
import { toChainError } from '../chain/toChainError.ts';
import { contextOf, proofHash } from '../commitment/ids.ts';
import { circuitIdOf } from '../proof/circuitIdOf.ts';
import { verifyProof } from '../proof/verifyProof.ts';
import type { WindowArtifacts } from '../proof/windowArtifacts.ts';

/** Who took a lease, from its event. */
export type LeaseTaken = { readonly operator: Address; readonly leaseNonce: bigint; readonly registrationNonce: bigint };

/** A proof's bytes. */
export type FoundProof = { readonly proof: Uint8Array; readonly opening: Uint8Array };

export type VerifySubmissionParameters = {
  readonly chain: ChainReader;
  readonly deployment: Deployment;
  readonly job: Job;
  /** The job's circuit, rebuilt from this package. */
  readonly artifacts: WindowArtifacts;
  readonly window: FinalizedWindow;
  /** The lease of the window's submission; undefined where the chain shows none. */
  readonly lease: LeaseTaken | undefined;
  /** The checkpoint that the window must start from. */
  readonly parentId: bigint;
  /** Looks for a proof that is not on chain: of a window that silence made final. */
  readonly findProof?: (proofHash: Hex) => Promise<FoundProof | undefined>;
};

/**
 * Verifies one paid window again: takes proof and opening from the calldata of the transaction that proved it, else from a store, rebuilds the statement from state and
 * lease, and runs the verifier's code on it.
 *
 * @returns what is wrong, a sentence each; empty where the window stands
 */
export async function verifySubmission(parameters: VerifySubmissionParameters): Promise<readonly string[]> {
  const { chain, deployment, job, artifacts, window, lease, parentId } = parameters;
  const failures: string[] = [];
  if (circuitIdOf(artifacts, windowVerifierDeployedBytecode) !== job.circuitId)
    failures.push('the circuit that was rebuilt is not the one of the job');
  if (lease === undefined || !isAddressEqual(lease.operator, window.operator))
    return [...failures, 'the operator that was paid had no lease'];
  const [, , childId, maskId, , , , lossSum] = window.statement as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];
  const context = contextOf('train-window', {
    ...lease,
    chainId: BigInt(chain.chainId),
    jobManager: deployment.addresses.jobManager,
    jobId: job.jobId,
    windowIndex: window.windowIndex,
    contributionIndex: window.contributionIndex,
    circuitId: job.circuitId,
  });
  const firstStep = (window.windowIndex * BigInt(job.contributions) + window.contributionIndex) * BigInt(job.steps);
  const statement = [context, parentId, childId, maskId, job.datasetRoot, job.batchSeed, firstStep, lossSum];
  if (statement.some((word, i) => word !== window.statement[i])) failures.push('its statement is not the one that state and lease lead to');
  const proof = (await readProof(chain, deployment, window)) ?? (await parameters.findProof?.(window.proofHash));
  if (proof === undefined) {
    return [
      ...failures,
      window.provedIn === undefined
        ? 'silence made it final, and its proof is in no store'
        : `transaction ${window.provedIn} carries no proof, nor does any store`,
    ];
  }
  if (proofHash(proof.proof, proof.opening) !== window.proofHash)
    failures.push('the proof that was found is not the one that was recorded');
  const { statementVerifier } = await getCircuit(chain, deployment, job.circuitId);
  const { valid } = await verifyProof({
    ...proof,
    statement,
    chainId: BigInt(chain.chainId),
    statementVerifier,
    circuitId: job.circuitId,
    statementVerifierCode: windowVerifierDeployedBytecode,
    proofVerifierCode: artifacts.honkVerifier.runtime,
    shapeBytes: artifacts.shapeBytes,
    open: job.open,
  });
  if (!valid) failures.push('its proof is false');
  return failures;
}

/** Proof and opening in the calldata of the transaction that proved a window; undefined where it has none. */
export async function readProof(
  chain: ChainReader,
  deployment: Deployment,
  { provedIn, submissionId }: Pick<FinalizedWindow, 'provedIn' | 'submissionId'>,
): Promise<FoundProof | undefined> {
  if (provedIn === undefined) return undefined;
  let to: Address | null;
  let input: Hex;
  try {
    ({ to, input } = await chain.client.getTransaction({ hash: provedIn }));
  } catch (error) {
    throw toChainError(error, chain.rpcUrl);
  }
  // A window that was proved through another contract: its calldata is not to be had from the transaction alone.
  if (to === null || !isAddressEqual(to, deployment.addresses.windowManager)) return undefined;
  const { functionName, args } = decodeFunctionData({ abi: windowManagerAbi, data: input });
  if ((functionName !== 'submitAndSettle' && functionName !== 'settle') || args[0] !== submissionId) return undefined;
  return { proof: Buffer.from(args[2].slice(2), 'hex'), opening: Buffer.from(args[3].slice(2), 'hex') };
}
