import type { Shape } from '../commitment/ids.ts';
import type { WindowInstance } from './circuitInstance.ts';
import { findInstance } from './findInstance.ts';
import { type BuildWindowArtifactsParameters, buildWindowArtifacts, type WindowArtifacts } from './windowArtifacts.ts';

export type FindWindowCircuitParameters = Omit<BuildWindowArtifactsParameters, 'instance'> & { readonly shape: Shape };

/**
 * Builds the circuit that a shape is of: of the registry, made on demand here, or made anew.
 *
 * @throws CIRCUIT_MISMATCH (exit 6) where there is none; those of rebuildInstance and buildWindowArtifacts
 */
export async function findWindowCircuit(parameters: FindWindowCircuitParameters): Promise<WindowArtifacts> {
  const { shape, ...build } = parameters;
  const { sizes, steps, treeDepth } = shape;
  const instance = await findInstance<WindowInstance>({
    ...build,
    shape,
    own: { statement: 'train-window', system: 'noir', steps, treeDepth },
    hint: `It trains ${sizes.join('-')}, ${steps} steps a window; choose the ceremony that it was made under.`,
  });
  return buildWindowArtifacts({ ...build, instance });
}
