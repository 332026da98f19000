import { type Address, getAddress, type Hex } from 'viem';
import { addInputs } from '../chain/addInputs.ts';
import { getAnswer } from '../chain/getAnswer.ts';
import { getJob, type Job } from '../chain/getJob.ts';
import { getRegistrations } from '../chain/getRegistrations.ts';
import { isWellFormed } from '../chain/isWellFormed.ts';
import { openInferenceJob as openJobOnChain } from '../chain/openInferenceJob.ts';
import type { PaymentTerms } from '../chain/openJob.ts';
import { inputIdOf, modelId } from '../commitment/ids.ts';
import { loadPoseidon2 } from '../commitment/poseidon2.ts';
import { encodeInputBlob } from '../data/inputBlob.ts';
import { AssayError, exitCodes } from '../errors.ts';
import type { InferenceInstance } from '../proof/circuitInstance.ts';
import { type Answer, decodeOutputs } from '../proof/inference/decodeOutputs.ts';
import { buildInferenceArtifacts, inferenceCircuitId } from '../proof/inference/inferenceArtifacts.ts';
import { randomScalar } from '../proof/randomScalar.ts';
import { ensureCircuit } from './ensureCircuit.ts';
import { inferenceVerifierOf, openInferenceJob } from './inferenceJob.ts';
import { blobIdToBytes, openRole, type Role, type RoleSettings } from './openRole.ts';
import { pause } from './pause.ts';
import { refuseDevKey } from './refuseDevKey.ts';
import { tendJob } from './tendJob.ts';
import { wellFormedCircuit } from './wellFormedCircuit.ts';

/** What is asked, and for how much. */
export type AskOrder = PaymentTerms & {
  readonly instance: InferenceInstance;
  /** The checkpoint that is asked. */
  readonly checkpointId: bigint;
  /** One entry an answer: instance.inputs x sizes[0] integers in [0, 2^fx), sample by sample. */
  readonly inputs: readonly Uint8Array[];
  /** The inputs' commitments have no salt: anyone can test a guess of them. */
  readonly publicInputs: boolean;
  /** The weights are public, and anyone bonded may answer. Default: they are their registrant's, who alone may. */
  readonly open: boolean;
  /** Who may answer. Default: the checkpoint's only registrant where weights are hidden, anyone where they are open. */
  readonly worker?: Address;
};

export type RunAskerParameters = RoleSettings & {
  /** Opens a job; without it, `jobId` is served. */
  readonly order?: AskOrder;
  readonly jobId?: bigint;
};

export type RunAskerReturnType = {
  readonly jobId: bigint;
  readonly state: Job['state'];
  readonly finalized: number;
  /** Of each input that was answered: the answers of its samples. */
  readonly answers: readonly (readonly Answer[])[];
};

/**
 * Opens an inference job (or takes up one that was opened before), serves its inputs, and stays until it has ended.
 *
 * @returns the proved answers, as the chain keeps them
 * @throws REQUEST_INPUT, REQUEST_NOT_WELL_FORMED, REQUEST_EMPTY, REQUEST_WORKER_UNCLEAR, CIRCUIT_DEV_KEY (exit 6); those of openRole, openInferenceJob and the chain
 */
export async function runAsker(parameters: RunAskerParameters): Promise<RunAskerReturnType> {
  const { order, signal, emit } = parameters;
  const role = await openRole(parameters, {});
  const { chain, deployment } = role;
  try {
    const jobId = order === undefined ? parameters.jobId : await placeOrder(role, parameters, order);
    if (jobId === undefined)
      throw new AssayError('REQUEST_EMPTY', 'neither an order nor a job id was given', { exitCode: exitCodes.usage });
    const job = await openInferenceJob(role, parameters, jobId);
    for (;;) {
      const now = await getJob(chain, deployment, jobId);
      const { state, finalized } = now;
      if (state === 'completed' || state === 'cancelled') {
        emit({ event: 'jobEnded', jobId: Number(jobId), state, finalized });
        const answers: (readonly Answer[])[] = [];
        for (let k = 0; k < finalized; k++)
          answers.push(decodeOutputs(job.artifacts.shape, await getAnswer(chain, deployment, jobId, BigInt(k))));
        return { jobId, state, finalized, answers };
      }
      if (!(await tendJob(role, now, emit))) await pause(500, signal);
    }
  } finally {
    await role.close();
  }
}

/** Registers the circuit where it is not there yet, opens the job, and gives it its inputs. */
async function placeOrder(role: Role, settings: RoleSettings, order: AskOrder): Promise<bigint> {
  const { chain, deployment, store } = role;
  const { emit } = settings;
  const { instance, checkpointId, inputs, open } = order;
  const { spec, sizes } = instance;
  const width = sizes[0] as number;
  const wrong = inputs.findIndex((features) => features.length !== width * instance.inputs || features.some((x) => x >= 2 ** spec.fx));
  if (inputs.length === 0 || wrong >= 0) {
    throw new AssayError('REQUEST_INPUT', wrong < 0 ? 'there is no input' : `input ${wrong} does not fit ${instance.name}`, {
      hint: `It takes ${instance.inputs} x ${width} integers in [0, ${2 ** spec.fx}) an answer.`,
      exitCode: exitCodes.usage,
    });
  }
  emit({ event: 'preparing', what: `circuit ${instance.name}` });
  const artifacts = await buildInferenceArtifacts({
    instance,
    ceremony: settings.ceremony,
    cacheDirectory: settings.circuitDirectory,
    onProgress: (what) => emit({ event: 'preparing', what }),
  });
  refuseDevKey(chain.chainId, artifacts);
  const { statementVerifier, statementVerifierCode } = inferenceVerifierOf(deployment, instance.system);
  const circuitId = inferenceCircuitId(artifacts, statementVerifierCode);
  const model = modelId(artifacts.shape);
  const worker = order.worker ?? (open ? undefined : await onlyRegistrant(role, model, checkpointId));
  let bounds: Awaited<ReturnType<typeof wellFormedCircuit>> | undefined;
  if (!open) {
    // Of this package's own making: what a circuit that somebody names has proved says nothing.
    bounds = await wellFormedCircuit(settings, model);
    if (!(await isWellFormed(chain, deployment, bounds.circuitId, checkpointId))) {
      throw new AssayError('REQUEST_NOT_WELL_FORMED', 'nobody has proved that the weights of this checkpoint are within their bounds', {
        details: `under circuit ${bounds.circuitId}`,
        hint: 'Its owner does so with `assay model publish`. Without it an answer says nothing about a trained model.',
      });
    }
  }
  await ensureCircuit(chain, deployment, { circuitId, ...artifacts, statementVerifier });

  emit({ event: 'preparing', what: 'inputs' });
  const p2 = await loadPoseidon2();
  const named: { inputId: bigint; cid: Uint8Array }[] = [];
  for (const features of inputs) {
    const salt = order.publicInputs ? 0n : randomScalar();
    const cid = await store.blobs.put(encodeInputBlob({ featureBits: spec.fx, width, features, salt }));
    named.push({ inputId: inputIdOf(p2, features, spec.fx, salt), cid: blobIdToBytes(cid) });
  }
  const { instance: _instance, inputs: _inputs, publicInputs: _public, worker: _worker, ...terms } = order;
  const { jobId } = await openJobOnChain(chain, deployment, {
    ...terms,
    circuitId,
    checkpointId,
    answers: inputs.length,
    open,
    ...(worker === undefined ? {} : { worker }),
    ...(bounds === undefined ? {} : { wellFormedCircuit: bounds.circuitId }),
  });
  emit({ event: 'jobOpened', jobId: Number(jobId), requester: chain.account.address, windows: inputs.length });
  await addInputs(chain, deployment, jobId, named);
  emit({ event: 'inputsAdded', jobId: Number(jobId), inputs: named.length });
  return jobId;
}

/**
 * Who is asked where nobody is named: whoever registered the checkpoint, if that is one account. Where points are public anybody can register
 * them too, and even first, so several registrants are the requester's to choose from.
 *
 * @throws CHAIN_UNKNOWN_GENESIS, REQUEST_WORKER_UNCLEAR (exit code 2)
 */
async function onlyRegistrant({ chain, deployment }: Role, model: Hex, checkpointId: bigint): Promise<Address> {
  const registrations = await getRegistrations(chain, deployment, model, checkpointId);
  const registrants = [...new Set(registrations.map(({ registrant }) => getAddress(registrant)))];
  const [only, ...others] = registrants;
  if (only === undefined) {
    throw new AssayError('CHAIN_UNKNOWN_GENESIS', `checkpoint ${checkpointId} of model ${model} is nobody's registered genesis`);
  }
  if (others.length > 0) {
    throw new AssayError('REQUEST_WORKER_UNCLEAR', `${registrants.length} accounts have registered this checkpoint as theirs`, {
      details: registrants.join('\n'),
      hint: 'Ask its owner for the address, and name it: --worker ADDRESS.',
      exitCode: exitCodes.usage,
    });
  }
  return only;
}
