import type { Hex } from 'viem';
import { encodeWellFormedShape, specId, type WellFormedShape } from '../../commitment/ids.ts';
import type { WellFormedInstance } from '../circuitInstance.ts';
import { type BuildHonkArtifactsParameters, buildHonkArtifacts, type HonkArtifacts } from '../honkArtifacts.ts';
import { honkProofBytes } from '../ultrahonk.ts';

/** Everything that proving and verifying segments of checkpoints needs, under one SRS. */
export type WellFormedArtifacts = HonkArtifacts & {
  readonly instance: WellFormedInstance;
  readonly shape: WellFormedShape;
  /** The shape as the well-formed verifier takes it. */
  readonly shapeBytes: Hex;
};

/**
 * Compiles (or takes from the cache) a well-formed circuit, its verifying key and its verifier contract, and finds or makes the SRS for them.
 *
 * @throws those of buildHonkArtifacts
 */
export async function buildWellFormedArtifacts(parameters: BuildHonkArtifactsParameters<WellFormedInstance>): Promise<WellFormedArtifacts> {
  const { instance } = parameters;
  const made = await buildHonkArtifacts(parameters);
  const shape: WellFormedShape = {
    specId: specId(instance.spec),
    srsId: made.srs.id,
    blockLog: instance.blockLog,
    sizes: instance.sizes,
    blocksPerProof: instance.blocksPerProof,
    wmax: instance.spec.wmax,
    proofBytes: honkProofBytes(made.logSize),
    g2Tau: made.srs.g2Tau,
  };
  return { instance, ...made, shape, shapeBytes: encodeWellFormedShape(shape) };
}
