import { type ModelShape, modelId, specId } from '../commitment/ids.ts';
import { AssayError, exitCodes } from '../errors.ts';
import { ceremonySrsId, type EnsureSrsParameters } from './ceremony.ts';
import type { CircuitInstance } from './circuitInstance.ts';
import { listKnownCircuits, sameCircuit } from './knownCircuits.ts';
import { rebuildInstance } from './rebuildInstance.ts';

type Common = 'name' | 'sizes' | 'spec' | 'blockLog';

export type FindInstanceParameters<Instance extends CircuitInstance> = {
  readonly shape: ModelShape;
  /** What a circuit of the statement has besides the model's sizes and arithmetic, as the shape says it. */
  readonly own: Omit<Instance, Common>;
  /** Whether what the shape says of the arithmetic is so, beside the arithmetic's id. */
  readonly fits?: (instance: Instance) => boolean;
  readonly ceremony: Pick<EnsureSrsParameters, 'publicDirectory'>;
  /** Folder of compiled circuits. */
  readonly cacheDirectory: string;
  /** What to do where there is none. */
  readonly hint: string;
};

/**
 * The circuit that a shape is of: of the registry, made on demand here, or made elsewhere and known by its shape.
 *
 * @throws CIRCUIT_MISMATCH (exit 6) where there is none; those of rebuildInstance
 */
export async function findInstance<Instance extends CircuitInstance>(parameters: FindInstanceParameters<Instance>): Promise<Instance> {
  const { shape, own, fits, ceremony, cacheDirectory, hint } = parameters;
  const make = (common: Pick<Instance, Common>): Instance => ({ ...common, ...own }) as Instance;
  const srsId = await ceremonySrsId(ceremony);
  const wanted = modelId(shape);
  const known = (await listKnownCircuits(cacheDirectory)).find(
    (instance): instance is Instance =>
      sameCircuit(instance, make(instance as Instance)) && modelId({ ...instance, specId: specId(instance.spec), srsId }) === wanted,
  );
  const found = known ?? (srsId === shape.srsId ? await rebuildInstance<Instance>(shape, cacheDirectory, make) : undefined);
  if (found !== undefined && (fits === undefined || fits(found))) return found;
  throw new AssayError('CIRCUIT_MISMATCH', 'no circuit that is known here is the one that the proof names', {
    exitCode: exitCodes.artifactMismatch,
    hint,
  });
}
