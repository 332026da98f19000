import type { Hex } from 'viem';
import { encodeMembershipShape, type MembershipShape, specId } from '../../commitment/ids.ts';
import type { MembershipInstance } from '../circuitInstance.ts';
import { type BuildHonkArtifactsParameters, buildHonkArtifacts, type HonkArtifacts } from '../honkArtifacts.ts';
import { honkProofBytes } from '../ultrahonk.ts';
import { membershipLayout } from './circuit.ts';

/** Everything that proving and verifying records of data sets of one cut needs, under one SRS. */
export type MembershipArtifacts = HonkArtifacts & {
  readonly instance: MembershipInstance;
  readonly shape: MembershipShape;
  /** The shape as the membership verifier takes it. */
  readonly shapeBytes: Hex;
};

/**
 * Compiles (or takes from the cache) a membership circuit, its verifying key and its verifier contract, and finds or makes the SRS for them.
 *
 * @throws those of buildHonkArtifacts
 */
export async function buildMembershipArtifacts(parameters: BuildHonkArtifactsParameters<MembershipInstance>): Promise<MembershipArtifacts> {
  const { instance } = parameters;
  const made = await buildHonkArtifacts(parameters);
  const { spec, blockLog, sizes, treeDepth } = instance;
  const shape: MembershipShape = {
    specId: specId(spec),
    srsId: made.srs.id,
    blockLog,
    sizes,
    batch: membershipLayout(instance).batch,
    treeDepth,
    proofBytes: honkProofBytes(made.logSize),
    g2Tau: made.srs.g2Tau,
  };
  return { instance, ...made, shape, shapeBytes: encodeMembershipShape(shape) };
}
