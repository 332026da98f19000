import { modelId, specId, type WellFormedShape } from '../../commitment/ids.ts';
import { AssayError, exitCodes } from '../../errors.ts';
import { ceremonySrsId } from '../ceremony.ts';
import type { WellFormedInstance } from '../circuitInstance.ts';
import type { BuildHonkArtifactsParameters } from '../honkArtifacts.ts';
import { listKnownCircuits } from '../knownCircuits.ts';
import { rebuildInstance } from '../rebuildInstance.ts';
import { buildWellFormedArtifacts, type WellFormedArtifacts } from './artifacts.ts';

export type FindWellFormedCircuitParameters = Omit<BuildHonkArtifactsParameters<WellFormedInstance>, 'instance'> & {
  readonly shape: WellFormedShape;
};

/**
 * Builds the circuit that a shape is of: of the registry, made on demand here, or made anew.
 *
 * @throws CIRCUIT_MISMATCH (exit 6) where there is none; those of buildWellFormedArtifacts
 */
export async function findWellFormedCircuit(parameters: FindWellFormedCircuitParameters): Promise<WellFormedArtifacts> {
  const { shape, ...build } = parameters;
  const srsId = await ceremonySrsId(build.ceremony);
  const wanted = modelId(shape);
  const known = (await listKnownCircuits(build.cacheDirectory)).find(
    (instance): instance is WellFormedInstance =>
      instance.statement === 'well-formed' &&
      instance.blocksPerProof === shape.blocksPerProof &&
      instance.spec.wmax === shape.wmax &&
      modelId({ ...instance, specId: specId(instance.spec), srsId }) === wanted,
  );
  const { blocksPerProof } = shape;
  const made =
    known ??
    (srsId === shape.srsId
      ? await rebuildInstance<WellFormedInstance>(shape, build.cacheDirectory, (common) => ({
          ...common,
          statement: 'well-formed',
          system: 'noir',
          blocksPerProof,
        }))
      : undefined);
  const found = made?.spec.wmax === shape.wmax ? made : undefined;
  if (found === undefined) {
    throw new AssayError('CIRCUIT_MISMATCH', 'no circuit that is known here is the one that the proof names', {
      exitCode: exitCodes.artifactMismatch,
      hint: `Make it: assay circuit build ${shape.sizes.join('-')} --statement well-formed; and choose the ceremony that it was made under.`,
    });
  }
  return buildWellFormedArtifacts({ ...build, instance: found });
}
