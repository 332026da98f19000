import type { WellFormedShape } from '../../commitment/ids.ts';
import type { WellFormedInstance } from '../circuitInstance.ts';
import { findInstance } from '../findInstance.ts';
import type { BuildHonkArtifactsParameters } from '../honkArtifacts.ts';
import { buildWellFormedArtifacts, type WellFormedArtifacts } from './artifacts.ts';

export type FindWellFormedCircuitParameters = Omit<BuildHonkArtifactsParameters<WellFormedInstance>, 'instance'> & {
  readonly shape: WellFormedShape;
};

/**
 * Builds the circuit that a shape is of: of the registry, made on demand here, or made anew.
 *
 * @throws CIRCUIT_MISMATCH (exit 6) where there is none; those of rebuildInstance and buildWellFormedArtifacts
 */
export async function findWellFormedCircuit(parameters: FindWellFormedCircuitParameters): Promise<WellFormedArtifacts> {
  const { shape, ...build } = parameters;
  const { sizes, blocksPerProof, wmax } = shape;
  const instance = await findInstance<WellFormedInstance>({
    ...build,
    shape,
    own: { statement: 'well-formed', system: 'noir', blocksPerProof },
    fits: ({ spec }) => spec.wmax === wmax,
    hint: `Make it: assay circuit build ${sizes.join('-')} --statement well-formed; and choose the ceremony that it was made under.`,
  });
  return buildWellFormedArtifacts({ ...build, instance });
}
