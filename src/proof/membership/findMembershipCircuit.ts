import { type MembershipShape, modelId, specId } from '../../commitment/ids.ts';
import { AssayError, exitCodes } from '../../errors.ts';
import { ceremonySrsId } from '../ceremony.ts';
import type { MembershipInstance } from '../circuitInstance.ts';
import type { BuildHonkArtifactsParameters } from '../honkArtifacts.ts';
import { listKnownCircuits } from '../knownCircuits.ts';
import { buildMembershipArtifacts, type MembershipArtifacts } from './artifacts.ts';

export type FindMembershipCircuitParameters = Omit<BuildHonkArtifactsParameters<MembershipInstance>, 'instance'> & {
  readonly shape: MembershipShape;
};

/**
 * Builds the circuit that a shape is of, among those of the registry and those made on demand here.
 *
 * @throws CIRCUIT_MISMATCH (exit 6) where there is none; those of buildMembershipArtifacts
 */
export async function findMembershipCircuit(parameters: FindMembershipCircuitParameters): Promise<MembershipArtifacts> {
  const { shape, ...build } = parameters;
  const srsId = await ceremonySrsId(build.ceremony);
  const wanted = modelId(shape);
  const found = (await listKnownCircuits(build.cacheDirectory)).find(
    (instance): instance is MembershipInstance =>
      instance.statement === 'membership' &&
      2 ** instance.spec.lb === shape.batch &&
      instance.treeDepth === shape.treeDepth &&
      modelId({ ...instance, specId: specId(instance.spec), srsId }) === wanted,
  );
  if (found === undefined) {
    const options = `--statement membership --batch ${shape.batch} --tree-depth ${shape.treeDepth}`;
    throw new AssayError('CIRCUIT_MISMATCH', 'no circuit that is known here is the one that the proof names', {
      exitCode: exitCodes.artifactMismatch,
      hint: `Make it: assay circuit build ${shape.sizes.join('-')} ${options}; and choose the ceremony that it was made under.`,
    });
  }
  return buildMembershipArtifacts({ ...build, instance: found });
}
