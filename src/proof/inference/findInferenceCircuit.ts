import type { InferenceShape } from '../../commitment/ids.ts';
import type { InferenceInstance } from '../circuitInstance.ts';
import { findInstance } from '../findInstance.ts';
import { type BuildInferenceArtifactsParameters, buildInferenceArtifacts, type InferenceArtifacts } from './inferenceArtifacts.ts';

export type FindInferenceCircuitParameters = Omit<BuildInferenceArtifactsParameters, 'instance'> & { readonly shape: InferenceShape };

/** A Groth16 proof's bytes; UltraHonk's are more, always. */
const groth16Bytes = 256;

/**
 * Builds the circuit that a shape is of: of the registry, made on demand here, or made anew.
 *
 * @throws CIRCUIT_MISMATCH (exit 6) where there is none; those of rebuildInstance and buildInferenceArtifacts
 */
export async function findInferenceCircuit(parameters: FindInferenceCircuitParameters): Promise<InferenceArtifacts> {
  const { shape, ...build } = parameters;
  const { sizes, inputs, output, proofBytes } = shape;
  const instance = await findInstance<InferenceInstance>({
    ...build,
    shape,
    own: { statement: 'inference', system: proofBytes === groth16Bytes ? 'circom' : 'noir', inputs, output },
    hint: `Make it: assay circuit build ${sizes.join('-')} --statement inference; and choose the ceremony that it was made under.`,
  });
  return buildInferenceArtifacts({ ...build, instance });
}
