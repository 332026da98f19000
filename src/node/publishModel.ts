import type { Hex } from 'viem';
import type { ChainWriter } from '../chain/connectChain.ts';
import type { Deployment } from '../chain/deployment.ts';
import { isWellFormed } from '../chain/isWellFormed.ts';
import { proveWellFormed as sendWellFormed } from '../chain/proveWellFormed.ts';
import { registerGenesis } from '../chain/registerGenesis.ts';
import { registerModel } from '../chain/registerModel.ts';
import { blobId } from '../commitment/blobId.ts';
import { specId, wellFormedContext } from '../commitment/ids.ts';
import { createKzg } from '../commitment/kzg.ts';
import { loadPoseidon2 } from '../commitment/poseidon2.ts';
import { AssayError, exitCodes } from '../errors.ts';
import type { ModelFolder } from '../model/modelFolder.ts';
import { createUltraHonk } from '../proof/ultrahonk.ts';
import { wellFormedLayout } from '../proof/wellFormed/circuit.ts';
import { proveWellFormed } from '../proof/wellFormed/proveWellFormed.ts';
import { ensureCircuit } from './ensureCircuit.ts';
import { blobIdToBytes, type RoleSettings } from './openRole.ts';
import { wellFormedCircuit } from './wellFormedCircuit.ts';

export type PublishModelParameters = Pick<RoleSettings, 'ceremony' | 'circuitDirectory' | 'emit' | 'threads'> & {
  /** Signs as the owner: the operator that answers. */
  readonly chain: ChainWriter;
  readonly deployment: Deployment;
  readonly model: ModelFolder;
  /** What anyone may see of the model, as `model.json`: its address goes on chain. It names no weights where they are private. */
  readonly card: Uint8Array;
  readonly licence: string;
};

export type PublishModelReturnType = {
  readonly modelId: Hex;
  readonly checkpointId: bigint;
  readonly wellFormedCircuit: Hex;
  /** Segments proved by this run; 0 where all were proved before. */
  readonly proved: number;
};

/**
 * Makes a model one that can be asked for paid answers: registers it under its owner, and proves that its weights are integers within wmax, without
 * showing any. What is done already is left as it is.
 *
 * @throws MODEL_SRS_MISMATCH (exit 6); those of wellFormedCircuit, proveWellFormed and the chain
 */
export async function publishModel(parameters: PublishModelParameters): Promise<PublishModelReturnType> {
  const { chain, deployment, model, card, licence, emit, threads } = parameters;
  const { artifacts, circuitId } = await wellFormedCircuit(parameters, model.modelId);
  const { srs, instance } = artifacts;
  if (srs.id !== model.srsId) {
    throw new AssayError('MODEL_SRS_MISMATCH', 'the model was committed under another ceremony than the one in the settings', {
      exitCode: exitCodes.artifactMismatch,
      hint: 'Choose the ceremony that the model was committed under.',
    });
  }
  const { spec, sizes, blockLog, points, checkpointId } = model;
  emit({ event: 'preparing', what: 'registration' });
  const { modelId } = await registerModel(chain, deployment, { specId: specId(spec), srsId: srs.id, blockLog, sizes });
  await registerGenesis(chain, deployment, { modelId, points, cid: blobIdToBytes(blobId(card)), licence });

  const statementVerifier = await ensureCircuit(chain, deployment, {
    circuitId,
    verifyingKey: artifacts.verifyingKey,
    proofVerifierCode: artifacts.honkVerifier.runtime,
    statementVerifier: deployment.addresses.wellFormedVerifier,
    shapeBytes: artifacts.shapeBytes,
  });
  const result = { modelId, checkpointId, wellFormedCircuit: circuitId };
  if (await isWellFormed(chain, deployment, circuitId, checkpointId)) return { ...result, proved: 0 };
  const { segments } = wellFormedLayout(instance);
  const chainId = BigInt(chain.chainId);
  const context = wellFormedContext(chainId, deployment.addresses.modelRegistry, circuitId);
  const { weights, sigmas } = model;
  const p2 = await loadPoseidon2();
  const kzg = await createKzg(srs);
  const honk = await createUltraHonk({ srs, ...(threads === undefined ? {} : { threads }) });
  try {
    for (let segment = 0; segment < segments; segment++) {
      emit({ event: 'preparing', what: `proof of segment ${segment + 1} of ${segments}` });
      const { statement, proof, opening } = await proveWellFormed({
        artifacts,
        honk,
        p2,
        kzg,
        model: { weights, points, checkpointId, ...(sigmas === undefined ? {} : { sigmas }) },
        segment,
        context,
        chainId,
        verifier: statementVerifier,
        circuitId,
      });
      const maskId = statement[2] as bigint;
      await sendWellFormed(chain, deployment, { circuitId, checkpointId, segment: BigInt(segment), maskId, proof, opening });
    }
  } finally {
    await honk.close();
    await kzg.close();
  }
  return { ...result, proved: segments };
}
