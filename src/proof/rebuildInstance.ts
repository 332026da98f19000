import type { ModelShape } from '../commitment/ids.ts';
import { assertCircuitFits } from './assertCircuitFits.ts';
import type { CircuitInstance } from './circuitInstance.ts';
import { rememberCircuit } from './knownCircuits.ts';
import { circuitName } from './makeInstance.ts';
import { specOf } from './specOf.ts';

/**
 * The circuit that a proof names, where it was made elsewhere: sizes and arithmetic say all of it. Undefined for an arithmetic that this package gives to
 * no model.
 *
 * @param make the instance of these sizes and this arithmetic
 * @throws CIRCUIT_TOO_LARGE where it cannot be built here; CIRCUIT_SHAPE
 */
export async function rebuildInstance<Instance extends CircuitInstance>(
  shape: ModelShape,
  cacheDirectory: string,
  make: (common: Pick<Instance, 'name' | 'sizes' | 'spec' | 'blockLog'>) => Instance,
): Promise<Instance | undefined> {
  const spec = specOf(shape.specId);
  if (spec === undefined) return undefined;
  const asked = make({ name: '', sizes: shape.sizes, spec, blockLog: shape.blockLog });
  // Whoever made the proof chose the sizes.
  await assertCircuitFits(asked, { memoryMb: process.availableMemory() / 2 ** 20 });
  return (await rememberCircuit({ ...asked, name: circuitName(asked) }, cacheDirectory)) as Instance;
}
