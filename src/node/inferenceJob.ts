import { type Address, type Hex, keccak256 } from 'viem';
import type { ChainReader } from '../chain/connectChain.ts';
import type { Deployment } from '../chain/deployment.ts';
import { groth16InferenceVerifierDeployedBytecode } from '../chain/generated/Groth16InferenceVerifier.ts';
import { honkInferenceVerifierDeployedBytecode } from '../chain/generated/HonkInferenceVerifier.ts';
import { getCircuit } from '../chain/getCircuit.ts';
import { getInputs } from '../chain/getInputs.ts';
import { getJob, type Job } from '../chain/getJob.ts';
import type { BlobId } from '../commitment/blobId.ts';
import { decodeInferenceShape } from '../commitment/decodeShape.ts';
import { inputIdOf } from '../commitment/ids.ts';
import { loadPoseidon2, type Poseidon2 } from '../commitment/poseidon2.ts';
import { decodeInputBlob, type InputBlob, inputBlobBytes } from '../data/inputBlob.ts';
import { AssayError, exitCodes } from '../errors.ts';
import { findInferenceCircuit } from '../proof/inference/findInferenceCircuit.ts';
import { type InferenceArtifacts, inferenceCircuitId } from '../proof/inference/inferenceArtifacts.ts';
import { blobIdFromBytes, type Role, type RoleSettings } from './openRole.ts';

/** The contract that judges an answer of a circuit, whoever deployed it, and its code: this package's, which is in the circuit id. */
export type InferenceVerifier = { readonly statementVerifier: Address; readonly statementVerifierCode: Hex };

/** How long a worker tries to fetch an input before it looks at other jobs. */
const inputTimeoutMs = 10_000;

/** An inference job with everything that answering it, or judging an answer to it, needs; but for the model. */
export type InferenceJob = InferenceVerifier & {
  readonly statementName: 'inference';
  readonly jobId: bigint;
  readonly circuitId: Hex;
  readonly artifacts: InferenceArtifacts;
  readonly p2: Poseidon2;
  /** The checkpoint that it asks. */
  readonly checkpointId: bigint;
  /** The job as the chain has it now. */
  state(): Promise<Job>;
  /**
   * The input of window `windowIndex`, fetched and compared with its commitment on chain; undefined where the requester has not added it yet.
   *
   * @throws INPUT_MISMATCH, DATA_INPUT_MALFORMED (exit 3), NET_ errors where nobody serves it
   */
  input(windowIndex: number): Promise<{ readonly inputId: bigint; readonly cid: BlobId; readonly blob: InputBlob } | undefined>;
  close(): Promise<void>;
};

/** The deployment's statement verifier of an inference circuit in its proof system: what a circuit that is new to the chain is registered with. */
export function inferenceVerifierOf({ addresses }: Deployment, system: 'noir' | 'circom'): InferenceVerifier {
  return system === 'noir'
    ? { statementVerifier: addresses.honkInferenceVerifier, statementVerifierCode: honkInferenceVerifierDeployedBytecode }
    : { statementVerifier: addresses.groth16InferenceVerifier, statementVerifierCode: groth16InferenceVerifierDeployedBytecode };
}

/**
 * Rebuilds the circuit of an inference job from this package's own sources: nobody proves for a circuit that it cannot rebuild.
 *
 * @throws CHAIN_UNKNOWN_JOB, CIRCUIT_MISMATCH (exit 6), JOB_NOT_INFERENCE
 */
export async function openInferenceJob(
  role: Pick<Role, 'deployment' | 'fetch'> & { readonly chain: ChainReader },
  settings: Pick<RoleSettings, 'ceremony' | 'circuitDirectory' | 'emit'>,
  jobId: bigint,
): Promise<InferenceJob> {
  const { chain, deployment } = role;
  const { circuitId, genesisId: checkpointId, statementName } = await getJob(chain, deployment, jobId);
  if (statementName !== 'inference') {
    throw new AssayError('JOB_NOT_INFERENCE', `job ${jobId} trains: it asks for no answers`, { exitCode: exitCodes.usage });
  }
  settings.emit({ event: 'preparing', what: 'circuit' });
  const registered = await getCircuit(chain, deployment, circuitId);
  const artifacts = await findInferenceCircuit({
    shape: decodeInferenceShape(registered.shape),
    ceremony: settings.ceremony,
    cacheDirectory: settings.circuitDirectory,
    onProgress: (what) => settings.emit({ event: 'preparing', what }),
  });
  const verifier = inferenceVerifierOf(deployment, artifacts.instance.system);
  if (inferenceCircuitId(artifacts, verifier.statementVerifierCode) !== circuitId) {
    throw new AssayError('CIRCUIT_MISMATCH', `no circuit of this package has the id ${circuitId}`, {
      exitCode: exitCodes.artifactMismatch,
      details: `rebuilt and compared: ${artifacts.instance.name}, verifying key ${keccak256(artifacts.verifyingKey)}`,
      hint: 'The job was opened with another version of the package, another key or another ceremony. Install that version, or take another job.',
    });
  }
  const p2 = await loadPoseidon2();
  const { instance } = artifacts;
  return {
    statementVerifier: registered.statementVerifier,
    statementVerifierCode: verifier.statementVerifierCode,
    statementName,
    jobId,
    circuitId,
    artifacts,
    p2,
    checkpointId,
    state: () => getJob(chain, deployment, jobId),
    async input(windowIndex) {
      const named = (await getInputs(chain, deployment, jobId))[windowIndex];
      if (named === undefined) return undefined;
      const cid = blobIdFromBytes(named.cid);
      const check = (bytes: Uint8Array): InputBlob => {
        const blob = decodeInputBlob(bytes);
        const { featureBits, width, features, salt } = blob;
        const fits = featureBits === instance.spec.fx && width === instance.sizes[0] && features.length === instance.inputs * width;
        if (!fits || inputIdOf(p2, features, featureBits, salt) !== named.inputId) {
          throw new AssayError('INPUT_MISMATCH', `the blob of input ${windowIndex} of job ${jobId} is not the committed input`, {
            exitCode: exitCodes.proofInvalid,
            hint: fits
              ? 'Only the requester can help.'
              : `${instance.name} takes ${instance.inputs} x ${instance.sizes[0]} features of ${instance.spec.fx} bits.`,
          });
        }
        return blob;
      };
      // A stranger names the blob: no longer than an input, nor for long, nor kept where it is something else.
      const maxBytes = inputBlobBytes(instance.inputs * (instance.sizes[0] as number));
      const bytes = await role.fetch(cid, undefined, { maxBytes, timeoutMs: inputTimeoutMs, check: (found) => void check(found) });
      return { inputId: named.inputId, cid, blob: check(bytes) };
    },
    close: async () => {},
  };
}
