import { type Hex, isAddressEqual } from 'viem';
import { windowVerifierDeployedBytecode } from '../chain/generated/WindowVerifier.ts';
import { getCircuit } from '../chain/getCircuit.ts';
import { getJob, type Job } from '../chain/getJob.ts';
import { decodeInferenceShape } from '../commitment/decodeShape.ts';
import { contextOf, proofHash } from '../commitment/ids.ts';
import { AssayError, exitCodes } from '../errors.ts';
import { findJobCircuit } from '../node/findJobCircuit.ts';
import { inferenceVerifierOf } from '../node/inferenceJob.ts';
import { type FoundProof, readProof } from '../node/verifySubmission.ts';
import { circuitIdOf } from '../proof/circuitIdOf.ts';
import { findInferenceCircuit } from '../proof/inference/findInferenceCircuit.ts';
import { inferenceCircuitId } from '../proof/inference/inferenceArtifacts.ts';
import { decodeProofFile, isProofFile } from '../proof/proofFile.ts';
import { verifyProof } from '../proof/verifyProof.ts';
import type { Blobs } from './blobs.ts';
import { named, notFound, type ViewContext } from './viewContext.ts';
import type { StoredVerdict } from './views.ts';
import { sayWords } from './words.ts';

export type CircuitSettings = {
  readonly ceremony: { readonly directory: string; readonly publicDirectory?: string };
  readonly circuitDirectory: string;
};

type Rebuilt = {
  readonly name: string;
  readonly profile: 'dev' | 'public';
  readonly circuitId: Hex;
  readonly statementVerifierCode: Hex;
  readonly proofVerifierCode: Hex;
  readonly shapeBytes: Hex;
};

/**
 * Verifies a submission again, whatever has become of it: rebuilds its circuit from this package, its statement from the lease and the job's terms, and runs
 * the verifier's code on the proof that the chain or a store has.
 *
 * @throws EXPLORER_NOT_FOUND; CIRCUIT_MISMATCH (exit code 6) where no circuit of this package is the job's; CHAIN_ errors
 */
export async function verifyStored(
  context: ViewContext,
  submissionId: Hex,
  {
    settings,
    blobs,
    onStep = () => undefined,
  }: { readonly settings: CircuitSettings; readonly blobs: Blobs | undefined; readonly onStep?: (what: string) => void },
): Promise<StoredVerdict> {
  const started = performance.now();
  const { chain, deployment, reader } = context;
  const about = await reader.submissionEvents(submissionId);
  const [submitted] = named(about, 'WindowSubmitted');
  const [taken] = named(about, 'LeaseTaken');
  if (submitted === undefined) throw notFound('submission', submissionId);
  onStep('reading the job');
  const job = await getJob(chain, deployment, submitted.args.jobId);
  onStep('rebuilding the circuit');
  const rebuilt = await rebuild(context, job, settings, onStep);
  const failures: string[] = [];
  if (rebuilt.circuitId !== job.circuitId) failures.push('the circuit that was rebuilt is not the one of the job');
  const { statement, operator, windowIndex, contributionIndex } = submitted.args;
  if (taken === undefined || !isAddressEqual(taken.args.operator, operator)) failures.push('the operator that submitted had no lease');
  else {
    const lease = { ...taken.args, chainId: BigInt(chain.chainId), jobManager: deployment.addresses.jobManager, circuitId: job.circuitId };
    const claimed = contextOf(job.statementName, lease);
    // What the worker found is its own to say; every other word is the chain's.
    const found = (word: number): bigint => statement[word] as bigint;
    const firstStep = (windowIndex * BigInt(job.contributions) + contributionIndex) * BigInt(job.steps);
    const expected =
      job.statementName === 'train-window'
        ? [claimed, taken.args.startId, found(2), found(3), job.datasetRoot, job.batchSeed, firstStep, found(7)]
        : [claimed, job.genesisId, found(2), taken.args.startId, ...statement.slice(4)];
    if (expected.length !== statement.length || expected.some((word, i) => word !== statement[i]))
      failures.push('its statement is not the one that state and lease lead to');
  }
  onStep('looking for the proof');
  // What was refused was brought, too.
  const [judged] = [...named(about, 'WindowProved'), ...named(about, 'WindowRejected')];
  const onChain = judged === undefined ? undefined : await readProof(chain, deployment, { provedIn: judged.transactionHash, submissionId });
  const proof = onChain ?? (await findProof(blobs, submitted.args.proofHash));
  const transaction = onChain === undefined ? null : (judged?.transactionHash ?? null);
  if (proof === undefined) {
    failures.push(
      judged === undefined
        ? 'nobody has brought its proof to the chain, and it is in no store'
        : `transaction ${judged.transactionHash} carries no proof, nor does any store`,
    );
  } else {
    if (proofHash(proof.proof, proof.opening) !== submitted.args.proofHash)
      failures.push('the proof that was found is not the one that was recorded');
    onStep('running the verifier');
    const { statementVerifier } = await getCircuit(chain, deployment, job.circuitId);
    const { valid } = await verifyProof({
      ...proof,
      ...rebuilt,
      statement,
      chainId: BigInt(chain.chainId),
      statementVerifier,
      circuitId: job.circuitId,
      open: job.statementName === 'train-window' && job.open,
    });
    if (!valid) failures.push('its proof is false');
  }
  return {
    submissionId,
    verified: failures.length === 0,
    failures,
    circuit: rebuilt.name,
    ceremony: rebuilt.profile,
    statement: sayWords(job.statementName, statement),
    source: onChain !== undefined ? 'calldata' : proof !== undefined ? 'blobs' : 'nowhere',
    transaction,
    seconds: (performance.now() - started) / 1000,
  };
}

async function rebuild(
  { chain, deployment }: ViewContext,
  job: Job,
  { ceremony, circuitDirectory }: CircuitSettings,
  onStep: (what: string) => void,
): Promise<Rebuilt> {
  if (job.statementName === 'train-window') {
    const artifacts = await findJobCircuit(chain, deployment, job, {
      ceremony,
      cacheDirectory: circuitDirectory,
      onCompile: () => onStep('compiling the circuit'),
    });
    return {
      name: artifacts.instance.name,
      profile: artifacts.srs.profile,
      circuitId: circuitIdOf(artifacts, windowVerifierDeployedBytecode),
      statementVerifierCode: windowVerifierDeployedBytecode,
      proofVerifierCode: artifacts.honkVerifier.runtime,
      shapeBytes: artifacts.shapeBytes,
    };
  }
  const { shape } = await getCircuit(chain, deployment, job.circuitId);
  const artifacts = await findInferenceCircuit({
    shape: decodeInferenceShape(shape),
    ceremony,
    cacheDirectory: circuitDirectory,
    onProgress: onStep,
  });
  const { statementVerifierCode } = inferenceVerifierOf(deployment, artifacts.instance.system);
  const { instance, profile, proofVerifierCode, shapeBytes } = artifacts;
  const circuitId = inferenceCircuitId(artifacts, statementVerifierCode);
  return { name: instance.name, profile, circuitId, statementVerifierCode, proofVerifierCode, shapeBytes };
}

/** A proof among the blobs, by what was recorded of it. */
async function findProof(blobs: Blobs | undefined, wanted: Hex): Promise<FoundProof | undefined> {
  for (const id of (await blobs?.list()) ?? []) {
    const bytes = await blobs?.get(id);
    if (bytes === undefined || !isProofFile(bytes)) continue;
    try {
      const { proof, opening } = decodeProofFile(bytes);
      if (proofHash(proof, opening) === wanted) return { proof, opening };
    } catch {
      // Another's damaged file.
    }
  }
  return undefined;
}

/** Refused where nothing says where circuits are kept. */
export function requireSettings(settings: CircuitSettings | undefined): CircuitSettings {
  if (settings !== undefined) return settings;
  throw new AssayError('EXPLORER_NO_CIRCUITS', 'this explorer was opened without a folder for circuits: it cannot verify', {
    exitCode: exitCodes.usage,
    hint: 'Give circuits: { ceremony, circuitDirectory } to openExplorer.',
  });
}
