import type { MembershipShape } from '../../commitment/ids.ts';
import type { MembershipInstance } from '../circuitInstance.ts';
import { findInstance } from '../findInstance.ts';
import type { BuildHonkArtifactsParameters } from '../honkArtifacts.ts';
import { buildMembershipArtifacts, type MembershipArtifacts } from './artifacts.ts';

export type FindMembershipCircuitParameters = Omit<BuildHonkArtifactsParameters<MembershipInstance>, 'instance'> & {
  readonly shape: MembershipShape;
};

/**
 * Builds the circuit that a shape is of: of the registry, made on demand here, or made anew.
 *
 * @throws CIRCUIT_MISMATCH (exit 6) where there is none; those of rebuildInstance and buildMembershipArtifacts
 */
export async function findMembershipCircuit(parameters: FindMembershipCircuitParameters): Promise<MembershipArtifacts> {
  const { shape, ...build } = parameters;
  const { sizes, batch, treeDepth } = shape;
  const instance = await findInstance<MembershipInstance>({
    ...build,
    shape,
    own: { statement: 'membership', system: 'noir', treeDepth },
    fits: ({ spec }) => 2 ** spec.lb === batch,
    hint: `It is of ${sizes[0]} features, minibatches of ${batch} and depth ${treeDepth}; choose the ceremony that it was made under.`,
  });
  return buildMembershipArtifacts({ ...build, instance });
}
