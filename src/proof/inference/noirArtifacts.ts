import { type Hex, zeroHash } from 'viem';
import { encodeInferenceShape, type InferenceShape } from '../../commitment/ids.ts';
import type { InferenceInstance } from '../circuitInstance.ts';
import { type BuildHonkArtifactsParameters, buildHonkArtifacts, type HonkArtifacts } from '../honkArtifacts.ts';
import { honkProofBytes } from '../ultrahonk.ts';
import { inferenceShapeOf } from './inferenceShape.ts';

/** Everything that proving and verifying answers of one Noir circuit instance needs, under one SRS. */
export type NoirInferenceArtifacts = HonkArtifacts & {
  readonly instance: InferenceInstance;
  readonly shape: InferenceShape;
  /** The shape as the inference verifier takes it. */
  readonly shapeBytes: Hex;
};

/**
 * Compiles (or takes from the cache) a Noir inference circuit, its verifying key and its verifier contract, and finds or makes the SRS for them.
 *
 * @throws those of buildHonkArtifacts
 */
export async function buildNoirInferenceArtifacts(
  parameters: BuildHonkArtifactsParameters<InferenceInstance>,
): Promise<NoirInferenceArtifacts> {
  const { instance } = parameters;
  const made = await buildHonkArtifacts(parameters);
  const shape = inferenceShapeOf(instance, made.srs, honkProofBytes(made.logSize), zeroHash);
  return { instance, ...made, shape, shapeBytes: encodeInferenceShape(shape) };
}
