import { windowVerifierDeployedBytecode } from '../chain/generated/WindowVerifier.ts';
import type { Job } from '../chain/getJob.ts';
import { openJob, type PaymentTerms } from '../chain/openJob.ts';
import { registerDataset } from '../chain/registerDataset.ts';
import { registerGenesis } from '../chain/registerGenesis.ts';
import { registerModel } from '../chain/registerModel.ts';
import { createKzg } from '../commitment/kzg.ts';
import { loadPoseidon2 } from '../commitment/poseidon2.ts';
import { encodeDatasetBlob } from '../data/datasetBlob.ts';
import { datasetTree, type MinibatchSet } from '../data/minibatchSet.ts';
import { AssayError, exitCodes } from '../errors.ts';
import { encodeCheckpoint } from '../model/checkpoint.ts';
import { circuitIdOf } from '../proof/circuitIdOf.ts';
import type { WindowInstance } from '../proof/circuitInstance.ts';
import { buildWindowArtifacts } from '../proof/windowArtifacts.ts';
import { ensureCircuit } from './ensureCircuit.ts';
import { commitWeights } from './jobMaterial.ts';
import { blobIdToBytes, openRole, type Role, type RoleSettings } from './openRole.ts';
import { pause } from './pause.ts';
import { mergePointsOf, tendJob } from './tendJob.ts';
import { openWindowJob } from './windowJob.ts';

/** What is trained, and on what terms. */
export type JobOrder = PaymentTerms & {
  /** Proofs from one parent a window, merged on chain. Default 1. */
  readonly contributions?: number;
  /** Share of the data set's registrant. Default: what its licence asks. */
  readonly licensorBps?: number | undefined;
  readonly instance: WindowInstance;
  readonly dataset: MinibatchSet;
  /** Licences, in words or as SPDX names. */
  readonly datasetLicence: string;
  readonly modelLicence: string;
  /** The model to start from. */
  readonly genesis: readonly Int32Array[];
  readonly windows: number;
};

export type RunRequesterParameters = RoleSettings & {
  /** Opens a job; without it, `jobId` is served. */
  readonly order?: JobOrder;
  readonly jobId?: bigint;
};

export type RunRequesterReturnType = {
  readonly jobId: bigint;
  readonly state: Job['state'];
  readonly finalized: number;
  /** The job's last checkpoint, recommitted. */
  readonly weights: readonly Int32Array[];
};

/**
 * Opens a training job (or takes up one that was opened before), serves its data set and genesis, and stays until it has ended.
 *
 * @returns the job's last state and checkpoint
 * @throws REQUEST_DATASET where the data set does not fit the circuit; those of openRole, openWindowJob and the chain
 */
export async function runRequester(parameters: RunRequesterParameters): Promise<RunRequesterReturnType> {
  const { order, signal, emit } = parameters;
  const role = await openRole(parameters, {});
  try {
    const jobId = order === undefined ? parameters.jobId : await placeOrder(role, parameters, order);
    if (jobId === undefined)
      throw new AssayError('REQUEST_EMPTY', 'neither an order nor a job id was given', { exitCode: exitCodes.usage });
    const job = await openWindowJob(role, parameters, jobId);
    try {
      for (;;) {
        const now = await job.state();
        const { state, finalized, finalId } = now;
        if (state === 'completed' || state === 'cancelled') {
          emit({ event: 'jobEnded', jobId: Number(jobId), state, finalized });
          const { weights } = await job.checkpoint(finalId);
          return { jobId, state, finalized, weights };
        }
        // What nobody else has made final or merged: the requester wants its job to go on.
        if (!(await tendJob(role, now, emit, (at) => mergePointsOf(job, at)))) await pause(500, signal);
      }
    } finally {
      await job.close();
    }
  } finally {
    await role.close();
  }
}

/** Registers what the job needs and opens it; what is registered already is left as it is. */
async function placeOrder(role: Role, settings: RoleSettings, order: JobOrder): Promise<bigint> {
  const { chain, deployment, store } = role;
  const { emit } = settings;
  const { instance, dataset } = order;
  if (
    dataset.depth !== instance.treeDepth ||
    dataset.batch !== 2 ** instance.spec.lb ||
    dataset.features !== instance.sizes[0] ||
    dataset.featureBits !== instance.spec.fx ||
    dataset.classes > (instance.sizes.at(-1) as number)
  ) {
    throw new AssayError('REQUEST_DATASET', `the data set does not fit ${instance.name}`, {
      details: `it has ${dataset.features} features of ${dataset.featureBits} bits, ${dataset.classes} classes, minibatches of ${dataset.batch} in a tree of depth ${dataset.depth}`,
      hint: `The circuit takes ${instance.sizes[0]} features of ${instance.spec.fx} bits, minibatches of ${2 ** instance.spec.lb}, depth ${instance.treeDepth}.`,
      exitCode: exitCodes.usage,
    });
  }
  emit({ event: 'preparing', what: 'circuit' });
  const artifacts = await buildWindowArtifacts({
    instance,
    ceremony: settings.ceremony,
    cacheDirectory: settings.circuitDirectory,
    onCompile: () => emit({ event: 'preparing', what: 'compiling the circuit' }),
  });
  const circuitId = circuitIdOf(artifacts, windowVerifierDeployedBytecode);
  await ensureCircuit(chain, deployment, {
    circuitId,
    verifyingKey: artifacts.verifyingKey,
    proofVerifierCode: artifacts.honkVerifier.runtime,
    statementVerifier: deployment.addresses.windowVerifier,
    shapeBytes: artifacts.shapeBytes,
  });

  emit({ event: 'preparing', what: 'data set' });
  const { root } = datasetTree(await loadPoseidon2(), dataset);
  const datasetCid = await store.blobs.put(encodeDatasetBlob(dataset));
  const { datasetId } = await registerDataset(chain, deployment, {
    root,
    depth: dataset.depth,
    minibatches: dataset.minibatches.length,
    cid: blobIdToBytes(datasetCid),
    licence: order.datasetLicence,
  });

  emit({ event: 'preparing', what: 'genesis' });
  const { modelId } = await registerModel(chain, deployment, artifacts.shape);
  const kzg = await createKzg(artifacts.srs);
  let genesisId: bigint;
  try {
    const genesis = await commitWeights(kzg, artifacts, order.genesis);
    const cid = await store.blobs.put(encodeCheckpoint({ modelId, sizes: instance.sizes, weights: genesis.weights }));
    ({ checkpointId: genesisId } = await registerGenesis(chain, deployment, {
      modelId,
      points: genesis.points,
      cid: blobIdToBytes(cid),
      licence: order.modelLicence,
    }));
  } finally {
    await kzg.close();
  }

  const {
    windows,
    instance: _instance,
    dataset: _dataset,
    datasetLicence: _licence,
    modelLicence: _modelLicence,
    genesis: _genesis,
    ...terms
  } = order;
  const { jobId } = await openJob(chain, deployment, { ...terms, windows, circuitId, datasetId, genesisId });
  emit({ event: 'jobOpened', jobId: Number(jobId), requester: chain.account.address, windows });
  return jobId;
}
