import type { Hex } from 'viem';
import { type AuditShape, encodeAuditShape, specId } from '../../commitment/ids.ts';
import type { AuditInstance } from '../circuitInstance.ts';
import { type BuildHonkArtifactsParameters, buildHonkArtifacts, type HonkArtifacts } from '../honkArtifacts.ts';
import { honkProofBytes } from '../ultrahonk.ts';

/** Everything that proving and verifying chunks of audits needs, under one SRS. */
export type AuditArtifacts = HonkArtifacts & {
  readonly instance: AuditInstance;
  readonly shape: AuditShape;
  /** The shape as the audit verifier takes it. */
  readonly shapeBytes: Hex;
};

/**
 * Compiles (or takes from the cache) an audit circuit, its verifying key and its verifier contract, and finds or makes the SRS for them.
 *
 * @throws those of buildHonkArtifacts
 */
export async function buildAuditArtifacts(parameters: BuildHonkArtifactsParameters<AuditInstance>): Promise<AuditArtifacts> {
  const { instance } = parameters;
  const made = await buildHonkArtifacts(parameters);
  const { spec, blockLog, sizes, samples, groups, treeDepth, output, thresholds } = instance;
  const shape: AuditShape = {
    specId: specId(spec),
    srsId: made.srs.id,
    blockLog,
    sizes,
    samples,
    groups,
    treeDepth,
    output,
    thresholds,
    proofBytes: honkProofBytes(made.logSize),
    g2Tau: made.srs.g2Tau,
  };
  return { instance, ...made, shape, shapeBytes: encodeAuditShape(shape) };
}
