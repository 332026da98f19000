import type { AuditShape } from '../../commitment/ids.ts';
import type { AuditInstance } from '../circuitInstance.ts';
import { findInstance } from '../findInstance.ts';
import type { BuildHonkArtifactsParameters } from '../honkArtifacts.ts';
import { type AuditArtifacts, buildAuditArtifacts } from './artifacts.ts';

export type FindAuditCircuitParameters = Omit<BuildHonkArtifactsParameters<AuditInstance>, 'instance'> & { readonly shape: AuditShape };

/**
 * Builds the circuit that a shape is of: of the registry, made on demand here, or made anew.
 *
 * @throws CIRCUIT_MISMATCH (exit 6) where there is none; those of rebuildInstance and buildAuditArtifacts
 */
export async function findAuditCircuit(parameters: FindAuditCircuitParameters): Promise<AuditArtifacts> {
  const { shape, ...build } = parameters;
  const { sizes, samples, groups, treeDepth, output, thresholds } = shape;
  const instance = await findInstance<AuditInstance>({
    ...build,
    shape,
    own: { statement: 'audit', system: 'noir', samples, groups, treeDepth, output, thresholds },
    hint: `It is an audit of ${sizes.join('-')}, ${samples} samples a chunk; choose the ceremony that it was made under.`,
  });
  return buildAuditArtifacts({ ...build, instance });
}
