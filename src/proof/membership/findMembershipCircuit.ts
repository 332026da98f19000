import { type MembershipShape, modelId, specId } from '../../commitment/ids.ts';
import { AssayError, exitCodes } from '../../errors.ts';
import { ceremonySrsId } from '../ceremony.ts';
import type { MembershipInstance } from '../circuitInstance.ts';
import type { BuildHonkArtifactsParameters } from '../honkArtifacts.ts';
import { listKnownCircuits } from '../knownCircuits.ts';
import { rebuildInstance } from '../rebuildInstance.ts';
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
  const { treeDepth } = shape;
  const srsId = await ceremonySrsId(build.ceremony);
  const wanted = modelId(shape);
  const known = (await listKnownCircuits(build.cacheDirectory)).find(
    (instance): instance is MembershipInstance =>
      instance.statement === 'membership' &&
      instance.treeDepth === treeDepth &&
      modelId({ ...instance, specId: specId(instance.spec), srsId }) === wanted,
  );
  const made =
    known ??
    (srsId === shape.srsId
      ? await rebuildInstance<MembershipInstance>(shape, build.cacheDirectory, (common) => ({
          ...common,
          statement: 'membership',
          system: 'noir',
          treeDepth,
        }))
      : undefined);
  const found = made !== undefined && 2 ** made.spec.lb === shape.batch ? made : undefined;
  if (found === undefined) {
    throw new AssayError('CIRCUIT_MISMATCH', 'no circuit that is known here is the one that the proof names', {
      exitCode: exitCodes.artifactMismatch,
      hint: `It is of ${shape.sizes[0]} features, minibatches of ${shape.batch} and depth ${treeDepth}; choose the ceremony that it was made under.`,
    });
  }
  return buildMembershipArtifacts({ ...build, instance: found });
}
