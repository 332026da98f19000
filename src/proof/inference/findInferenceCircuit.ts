import { type InferenceShape, modelId, specId } from '../../commitment/ids.ts';
import { AssayError, exitCodes } from '../../errors.ts';
import { ceremonySrsId } from '../ceremony.ts';
import type { InferenceInstance } from '../circuitInstance.ts';
import { listKnownCircuits } from '../knownCircuits.ts';
import { rebuildInstance } from '../rebuildInstance.ts';
import { type BuildInferenceArtifactsParameters, buildInferenceArtifacts, type InferenceArtifacts } from './inferenceArtifacts.ts';

export type FindInferenceCircuitParameters = Omit<BuildInferenceArtifactsParameters, 'instance'> & { readonly shape: InferenceShape };

/** A Groth16 proof's bytes; UltraHonk's are more, always. */
const groth16Bytes = 256;

/**
 * Builds the circuit that a shape is of: of the registry, made on demand here, or made anew.
 *
 * @throws CIRCUIT_MISMATCH (exit 6) where there is none; those of buildInferenceArtifacts
 */
export async function findInferenceCircuit(parameters: FindInferenceCircuitParameters): Promise<InferenceArtifacts> {
  const { shape, ...build } = parameters;
  const srsId = await ceremonySrsId(build.ceremony);
  const wanted = modelId(shape);
  const system = shape.proofBytes === groth16Bytes ? 'circom' : 'noir';
  const known = (await listKnownCircuits(build.cacheDirectory)).find(
    (instance): instance is InferenceInstance =>
      instance.statement === 'inference' &&
      instance.system === system &&
      instance.inputs === shape.inputs &&
      instance.output === shape.output &&
      modelId({ ...instance, specId: specId(instance.spec), srsId }) === wanted,
  );
  const { inputs, output } = shape;
  const found =
    known ??
    (srsId === shape.srsId
      ? await rebuildInstance<InferenceInstance>(shape, build.cacheDirectory, (common) => ({
          ...common,
          statement: 'inference',
          system,
          inputs,
          output,
        }))
      : undefined);
  if (found === undefined) {
    throw new AssayError('CIRCUIT_MISMATCH', 'no circuit that is known here is the one that the proof names', {
      exitCode: exitCodes.artifactMismatch,
      hint: `Make it: assay circuit build ${shape.sizes.join('-')} --statement inference; and choose the ceremony that it was made under.`,
    });
  }
  return buildInferenceArtifacts({ ...build, instance: found });
}
