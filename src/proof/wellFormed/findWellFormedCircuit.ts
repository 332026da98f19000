import { modelId, specId, type WellFormedShape } from '../../commitment/ids.ts';
import { AssayError, exitCodes } from '../../errors.ts';
import { ceremonySrsId } from '../ceremony.ts';
import type { WellFormedInstance } from '../circuitInstance.ts';
import type { BuildHonkArtifactsParameters } from '../honkArtifacts.ts';
import { listKnownCircuits } from '../knownCircuits.ts';
import { buildWellFormedArtifacts, type WellFormedArtifacts } from './artifacts.ts';

export type FindWellFormedCircuitParameters = Omit<BuildHonkArtifactsParameters<WellFormedInstance>, 'instance'> & {
  readonly shape: WellFormedShape;
};

/**
 * Builds the circuit that a shape is of, among those of the registry and those made on demand here.
 *
 * @throws CIRCUIT_MISMATCH (exit 6) where there is none; those of buildWellFormedArtifacts
 */
export async function findWellFormedCircuit(parameters: FindWellFormedCircuitParameters): Promise<WellFormedArtifacts> {
  const { shape, ...build } = parameters;
  const srsId = await ceremonySrsId(build.ceremony);
  const wanted = modelId(shape);
  const found = (await listKnownCircuits(build.cacheDirectory)).find(
    (instance): instance is WellFormedInstance =>
      instance.statement === 'well-formed' &&
      instance.blocksPerProof === shape.blocksPerProof &&
      instance.spec.wmax === shape.wmax &&
      modelId({ ...instance, specId: specId(instance.spec), srsId }) === wanted,
  );
  if (found === undefined) {
    throw new AssayError('CIRCUIT_MISMATCH', 'no circuit that is known here is the one that the proof names', {
      exitCode: exitCodes.artifactMismatch,
      hint: `Make it: assay circuit build ${shape.sizes.join('-')} --statement well-formed; and choose the ceremony that it was made under.`,
    });
  }
  return buildWellFormedArtifacts({ ...build, instance: found });
}
