import type { Hex } from 'viem';
import { encodeShape, type Shape, specId } from '../commitment/ids.ts';
import type { WindowInstance } from './circuitInstance.ts';
import { type BuildHonkArtifactsParameters, buildHonkArtifacts, type HonkArtifacts } from './honkArtifacts.ts';
import { honkProofBytes } from './ultrahonk.ts';

/** Everything that proving and verifying windows of one circuit instance needs, under one SRS. */
export type WindowArtifacts = HonkArtifacts & {
  readonly instance: WindowInstance;
  readonly shape: Shape;
  /** The shape as the window verifier takes it. */
  readonly shapeBytes: Hex;
};

export type BuildWindowArtifactsParameters = BuildHonkArtifactsParameters<WindowInstance>;

/**
 * Compiles (or takes from the cache) a window circuit, its verifying key and its verifier contract, and finds or makes the SRS for them.
 *
 * @throws those of buildHonkArtifacts
 */
export async function buildWindowArtifacts(parameters: BuildWindowArtifactsParameters): Promise<WindowArtifacts> {
  const { instance } = parameters;
  const made = await buildHonkArtifacts(parameters);
  const shape: Shape = {
    specId: specId(instance.spec),
    srsId: made.srs.id,
    blockLog: instance.blockLog,
    sizes: instance.sizes,
    batch: 2 ** instance.spec.lb,
    steps: instance.steps,
    treeDepth: instance.treeDepth,
    honkProofBytes: honkProofBytes(made.logSize),
    g2Tau: made.srs.g2Tau,
  };
  return { instance, ...made, shape, shapeBytes: encodeShape(shape) };
}
