import type { MinibatchSet } from '../../data/minibatchSet.ts';
import { AssayError, exitCodes } from '../../errors.ts';
import type { WindowInstance } from '../../proof/circuitInstance.ts';
import { readInputFile } from '../framework/readInputFile.ts';

/** How MNIST is pooled to fit a circuit. @throws CLI_BAD_OPTION (exit 2) */
export function mnistPool(instance: WindowInstance): 1 | 2 {
  const inputs = instance.sizes[0];
  if (inputs === 784) return 1;
  if (inputs === 196) return 2;
  throw new AssayError('CLI_BAD_OPTION', `MNIST has 784 pixels, or 196 pooled; ${instance.name} takes ${inputs} inputs`, {
    hint: 'Choose a circuit of 196 or 784 inputs, or a data set of its size: assay dataset import.',
    exitCode: exitCodes.usage,
  });
}

/**
 * The data set of a job: a blob made by `dataset import`, or `mnist` cut to the circuit's minibatches.
 *
 * @param limit mnist only: so many of the shuffled training images
 */
export async function loadJobDataset(dataset: string, limit: number | undefined, instance: WindowInstance): Promise<MinibatchSet> {
  if (dataset !== 'mnist') {
    if (limit !== undefined) {
      throw new AssayError('CLI_BAD_OPTION', '--limit goes with --dataset mnist only', {
        hint: 'A blob is committed whole; cut it when it is imported.',
        exitCode: exitCodes.usage,
      });
    }
    const { decodeDatasetBlob } = await import('../../data/datasetBlob.ts');
    return decodeDatasetBlob(await readInputFile(dataset));
  }
  const pool = mnistPool(instance);
  const { loadMnist } = await import('../../data/loadMnist.ts');
  const { cutMinibatches } = await import('../../data/minibatchSet.ts');
  const { loadPoseidon2 } = await import('../../commitment/poseidon2.ts');
  const { train } = await loadMnist({ pool, fx: instance.spec.fx, ...(limit === undefined ? {} : { limit }) });
  return cutMinibatches(await loadPoseidon2(), train, { batch: 2 ** instance.spec.lb, depth: instance.treeDepth });
}
