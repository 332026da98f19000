import { type Hex, keccak256, toHex } from 'viem';
import { circuitId, encodeInferenceShape, type InferenceShape } from '../../commitment/ids.ts';
import type { Srs } from '../../commitment/srs.ts';
import type { EnsureSrsParameters } from '../ceremony.ts';
import type { InferenceInstance } from '../circuitInstance.ts';
import { buildGroth16Artifacts, type Groth16Artifacts } from '../groth16/groth16Artifacts.ts';
import { inferenceShapeOf } from './inferenceShape.ts';
import { buildNoirInferenceArtifacts, type NoirInferenceArtifacts } from './noirArtifacts.ts';

/** Everything that proving and verifying answers of one circuit instance needs, whichever system proves them. */
export type InferenceArtifacts = {
  readonly instance: InferenceInstance;
  readonly srs: Srs;
  /** `dev` wherever a secret of the set-up is published: that of the SRS, or of a phase 2 with the dev contribution alone. */
  readonly profile: 'dev' | 'public';
  /** What the circuit id takes the hash of: bb's key, or the Groth16 key's bytes. */
  readonly verifyingKey: Uint8Array;
  /** Runtime code of the contract that judges the proof alone: bb's verifier, or the Groth16 key behind a STOP byte. */
  readonly proofVerifierCode: Hex;
  readonly shape: InferenceShape;
  readonly shapeBytes: Hex;
  readonly backend:
    | { readonly system: 'noir'; readonly honk: NoirInferenceArtifacts }
    | { readonly system: 'circom'; readonly groth16: Groth16Artifacts };
};

export type BuildInferenceArtifactsParameters = {
  readonly instance: InferenceInstance;
  readonly ceremony: Omit<EnsureSrsParameters, 'points'>;
  /** Folder of compiled circuits, keys and verifiers, shared between processes. */
  readonly cacheDirectory: string;
  /** Called as long steps go on, with what is being done. */
  readonly onProgress?: (what: string) => void;
};

/**
 * Builds (or takes from the cache) circuit, keys and verifier of an inference circuit in its system.
 *
 * @throws those of the two systems' builders
 */
export async function buildInferenceArtifacts(parameters: BuildInferenceArtifactsParameters): Promise<InferenceArtifacts> {
  const { instance, ceremony, cacheDirectory, onProgress } = parameters;
  if (instance.system === 'noir') {
    const honk = await buildNoirInferenceArtifacts({ instance, ceremony, cacheDirectory, onCompile: () => onProgress?.('compiling') });
    const { srs, verifyingKey, honkVerifier, shape, shapeBytes } = honk;
    return {
      instance,
      srs,
      profile: srs.profile,
      verifyingKey,
      proofVerifierCode: honkVerifier.runtime,
      shape,
      shapeBytes,
      backend: { system: 'noir', honk },
    };
  }
  const groth16 = await buildGroth16Artifacts({ instance, ceremony, cacheDirectory, ...(onProgress && { onProgress }) });
  const { srs, keyBytes, setupId, profile, proofBytes } = groth16;
  const shape = inferenceShapeOf(instance, srs, proofBytes, setupId);
  return {
    instance,
    srs,
    profile,
    verifyingKey: keyBytes,
    proofVerifierCode: `0x00${toHex(keyBytes).slice(2)}`,
    shape,
    shapeBytes: encodeInferenceShape(shape),
    backend: { system: 'circom', groth16 },
  };
}

/** The circuit id under an inference verifier of this runtime code. */
export function inferenceCircuitId(
  artifacts: Pick<InferenceArtifacts, 'verifyingKey' | 'proofVerifierCode' | 'shapeBytes'>,
  statementVerifierCode: Hex,
): Hex {
  return circuitId('inference', {
    verifyingKey: artifacts.verifyingKey,
    proofVerifierCodeHash: keccak256(artifacts.proofVerifierCode),
    statementVerifierCodeHash: keccak256(statementVerifierCode),
    shape: artifacts.shapeBytes,
  });
}
