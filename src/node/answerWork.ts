import { type Hex, isAddressEqual, keccak256 } from 'viem';
import { contextOf, contextPreimage } from '../commitment/ids.ts';
import { createKzg, type Kzg } from '../commitment/kzg.ts';
import { AssayError, exitCodes } from '../errors.ts';
import type { ModelFolder } from '../model/modelFolder.ts';
import { type InferenceProver, proveInference } from '../proof/inference/proveInference.ts';
import { createUltraHonk } from '../proof/ultrahonk.ts';
import { verifyProof } from '../proof/verifyProof.ts';
import { openInferenceJob } from './inferenceJob.ts';
import { judgeAnswer } from './judgeAnswer.ts';
import type { Role, RoleSettings } from './openRole.ts';
import { refuseDevKey } from './refuseDevKey.ts';
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
 * @throws WORKER_MODEL_NEEDED, WORKER_MODEL_MISMATCH, WORKER_NOT_NAMED, CIRCUIT_DEV_KEY; those of openInferenceJob
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
  refuseDevKey(chain.chainId, artifacts);
  const { weights, sigmas, points, checkpointId } = model;
  const committed = { weights, points, checkpointId, ...(sigmas === undefined ? {} : { sigmas }) };
  const binary = settings.proverBinary;
  const isNoir = artifacts.backend.system === 'noir';
  let engines: Promise<{ kzg: Kzg; prover: InferenceProver }> | undefined;
  /** Opened for the first proof: whoever only opens jobs, or asks what cannot be fetched, costs no memory here. */
  const openEngines = async () => {
    const kzg = await createKzg(artifacts.srs);
    const { threads } = settings;
    const prover: InferenceProver = isNoir
      ? { system: 'noir', honk: await createUltraHonk({ srs: artifacts.srs, ...(threads === undefined ? {} : { threads }) }) }
      : { system: 'circom', ...(binary === undefined ? {} : { binary }) };
    return { kzg, prover };
  };

  const inputOf = async (windowIndex: number) => {
    const input = await job.input(windowIndex);
    if (input === undefined) throw new AssayError('WORKER_STATE', `input ${windowIndex} of job ${jobId} is gone`);
    return input;
  };

  return {
    jobId,
    statementName: 'inference',
    state: () => job.state(),
    async prepare({ submitted }) {
      // Fetched and compared with its commitment before the bond is locked: nobody is made to answer what cannot be had.
      return (await job.input(submitted))?.inputId;
    },
    perform: async ({ windowIndex }) => (await inputOf(windowIndex)).cid,
    async prove({ submissionId, windowIndex }, leased) {
      const { blob } = await inputOf(windowIndex);
      const chainId = BigInt(chain.chainId);
      const about = { ...leased, chainId, circuitId, jobManager: deployment.addresses.jobManager };
      engines ??= openEngines();
      engines.catch(() => {
        engines = undefined;
      });
      const { kzg, prover } = await engines;
      const made = await proveInference({
        artifacts,
        prover,
        p2,
        kzg,
        model: committed,
        features: blob.features,
        salt: blob.salt,
        context: contextOf('inference', about),
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
          contextPreimage: contextPreimage('inference', about),
        },
        proved: {
          event: 'answered',
          jobId: Number(jobId),
          windowIndex,
          submissionId,
          system: isNoir ? 'ultrahonk' : 'groth16',
          witnessSeconds: seconds.witness,
          proofSeconds: seconds.proof,
          openingSeconds: seconds.opening,
        },
      };
    },
    judge: (state, leased, message, source) => judgeAnswer(role, job, state, leased, message, source),
    results: ([, , maskId, , ...outputs]) => [maskId as bigint, ...outputs],
    async close() {
      const opened = await engines?.catch(() => undefined);
      if (opened?.prover.system === 'noir') await opened.prover.honk.close();
      await opened?.kzg.close();
      await job.close();
    },
  };
}
