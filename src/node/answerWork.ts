import { type Hex, isAddressEqual, keccak256 } from 'viem';
import { contextOf } from '../commitment/ids.ts';
import { createKzg } from '../commitment/kzg.ts';
import { AssayError, exitCodes } from '../errors.ts';
import type { ModelFolder } from '../model/modelFolder.ts';
import { type InferenceProver, proveInference } from '../proof/inference/proveInference.ts';
import { createUltraHonk } from '../proof/ultrahonk.ts';
import { verifyProof } from '../proof/verifyProof.ts';
import { openInferenceJob } from './inferenceJob.ts';
import type { Role, RoleSettings } from './openRole.ts';
import type { Work } from './work.ts';

export type AnswerSettings = RoleSettings & {
  /** The model that answers. */
  readonly model?: ModelFolder;
  /** A rapidsnark-compatible prover for Groth16 circuits. */
  readonly proverBinary?: string;
};

/**
 * An inference job's answers: fetch the input, check it, prove.
 *
 * @throws WORKER_MODEL_NEEDED, WORKER_MODEL_MISMATCH, WORKER_NOT_NAMED; those of openInferenceJob
 */
export async function openAnswerWork(role: Role, settings: AnswerSettings, jobId: bigint, operator: Hex): Promise<Work> {
  const { chain, deployment } = role;
  const { model } = settings;
  if (model === undefined) {
    throw new AssayError('WORKER_MODEL_NEEDED', `job ${jobId} asks a model for answers`, {
      exitCode: exitCodes.usage,
      hint: 'Give the folder of the model that it asks: --model FOLDER.',
    });
  }
  const job = await openInferenceJob(role, settings, jobId);
  const { worker } = await job.state();
  if (worker !== undefined && !isAddressEqual(worker, operator)) {
    throw new AssayError('WORKER_NOT_NAMED', `job ${jobId} takes answers of ${worker} only`, { exitCode: exitCodes.keysNeeded });
  }
  if (model.checkpointId !== job.checkpointId || model.srsId !== job.artifacts.srs.id) {
    throw new AssayError('WORKER_MODEL_MISMATCH', `job ${jobId} asks another model than the one in the folder`, {
      details: `it asks checkpoint ${job.checkpointId}, the folder holds ${model.checkpointId}`,
      exitCode: exitCodes.artifactMismatch,
    });
  }
  const { artifacts, p2, circuitId, statementVerifier, statementVerifierCode } = job;
  const { weights, sigmas, points, checkpointId } = model;
  const committed = { weights, points, checkpointId, ...(sigmas === undefined ? {} : { sigmas }) };
  const kzg = await createKzg(artifacts.srs);
  const honk =
    artifacts.backend.system === 'noir'
      ? await createUltraHonk({ srs: artifacts.srs, ...(settings.threads === undefined ? {} : { threads: settings.threads }) })
      : undefined;
  const binary = settings.proverBinary;
  const prover: InferenceProver =
    honk !== undefined ? { system: 'noir', honk } : { system: 'circom', ...(binary === undefined ? {} : { binary }) };

  const inputOf = async (windowIndex: number) => {
    const input = await job.input(windowIndex);
    if (input === undefined) throw new AssayError('WORKER_STATE', `input ${windowIndex} of job ${jobId} is gone`);
    return input;
  };

  return {
    jobId,
    statementName: 'inference',
    state: () => job.state(),
    async prepare({ finalized }) {
      // Fetched and compared with its commitment before the bond is locked: nobody is made to answer what cannot be had.
      return (await job.input(finalized))?.inputId;
    },
    perform: async ({ windowIndex }) => (await inputOf(windowIndex)).cid,
    async prove({ submissionId, windowIndex }, leased) {
      const { blob } = await inputOf(windowIndex);
      const chainId = BigInt(chain.chainId);
      const made = await proveInference({
        artifacts,
        prover,
        p2,
        kzg,
        model: committed,
        features: blob.features,
        salt: blob.salt,
        context: contextOf('inference', { ...leased, chainId, circuitId, jobManager: deployment.addresses.jobManager }),
        chainId,
        verifier: statementVerifier,
        circuitId,
      });
      const { values: _answers, inputId: _inputId, seconds, ...proof } = made;
      const claimed = { ...proof, chainId, statementVerifier, circuitId, open: false, shapeBytes: artifacts.shapeBytes };
      // The announcement can be slashed: nothing is announced that the deployed code does not accept.
      const verdict = await verifyProof({ ...claimed, statementVerifierCode, proofVerifierCode: artifacts.proofVerifierCode });
      if (!verdict.valid)
        throw new AssayError('PROOF_INVALID', 'the proof that was just made does not verify', { hint: 'This is a bug: please report it.' });
      return {
        file: {
          ...claimed,
          statementVerifierCodeHash: keccak256(statementVerifierCode),
          proofVerifierCodeHash: keccak256(artifacts.proofVerifierCode),
          contextPreimage: '0x',
        },
        proved: {
          event: 'answered',
          jobId: Number(jobId),
          windowIndex,
          submissionId,
          system: honk === undefined ? 'groth16' : 'ultrahonk',
          witnessSeconds: seconds.witness,
          proofSeconds: seconds.proof,
          openingSeconds: seconds.opening,
        },
      };
    },
    results: ([, , maskId, , ...outputs]) => [maskId as bigint, ...outputs],
    async close() {
      await honk?.close();
      await kzg.close();
      await job.close();
    },
  };
}
