import { modelId, type Shape, specId } from '../commitment/ids.ts';
import { AssayError, exitCodes } from '../errors.ts';
import { ceremonySrsId } from './ceremony.ts';
import type { WindowInstance } from './circuitInstance.ts';
import { listKnownCircuits } from './knownCircuits.ts';
import { rebuildInstance } from './rebuildInstance.ts';
import { type BuildWindowArtifactsParameters, buildWindowArtifacts, type WindowArtifacts } from './windowArtifacts.ts';

export type FindWindowCircuitParameters = Omit<BuildWindowArtifactsParameters, 'instance'> & { readonly shape: Shape };

/**
 * Builds the window circuit that a shape is of: of the registry, made on demand here, or made anew.
 *
 * @throws CIRCUIT_MISMATCH (exit 6) where there is none; those of buildWindowArtifacts
 */
export async function findWindowCircuit(parameters: FindWindowCircuitParameters): Promise<WindowArtifacts> {
  const { shape, ...build } = parameters;
  const srsId = await ceremonySrsId(build.ceremony);
  const wanted = modelId(shape);
  const { steps, treeDepth } = shape;
  const known = (await listKnownCircuits(build.cacheDirectory)).find(
    (instance): instance is WindowInstance =>
      instance.statement === 'train-window' &&
      instance.steps === steps &&
      instance.treeDepth === treeDepth &&
      modelId({ ...instance, specId: specId(instance.spec), srsId }) === wanted,
  );
  const found =
    known ??
    (srsId === shape.srsId
      ? await rebuildInstance<WindowInstance>(shape, build.cacheDirectory, (common) => ({
          ...common,
          statement: 'train-window',
          system: 'noir',
          steps,
          treeDepth,
        }))
      : undefined);
  if (found === undefined) {
    throw new AssayError('CIRCUIT_MISMATCH', 'no circuit that is known here is the one that the proof names', {
      exitCode: exitCodes.artifactMismatch,
      hint: `It trains ${shape.sizes.join('-')}, ${steps} steps a window; choose the ceremony that it was made under.`,
    });
  }
  return buildWindowArtifacts({ ...build, instance: found });
}
