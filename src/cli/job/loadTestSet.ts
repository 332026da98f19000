import type { MinibatchSet } from '../../data/minibatchSet.ts';
import { AssayError } from '../../errors.ts';
import type { WindowInstance } from '../../proof/circuitInstance.ts';
import { readInputFile } from '../framework/readInputFile.ts';
import { mnistPool } from './loadJobDataset.ts';

/** Samples to measure a model with. */
export type TestSet = { readonly name: string; readonly features: Uint8Array; readonly labels: Uint8Array };

/**
 * The test samples that were named: `mnist`, or the blob beside which `dataset import` wrote some.
 *
 * @throws CLI_FILE_UNREADABLE, CLI_TEST_SET
 */
export async function loadTestSet(named: string, instance: WindowInstance): Promise<TestSet> {
  if (named === 'mnist') {
    const { loadMnist } = await import('../../data/loadMnist.ts');
    const { test } = await loadMnist({ pool: mnistPool(instance), fx: instance.spec.fx, limit: 1 });
    return { name: 'the 10,000 test images of MNIST', features: test.features, labels: test.labels };
  }
  const { decodeNpy } = await import('../../data/npy.ts');
  const features = decodeNpy(await readInputFile(`${named}.test-features.npy`));
  const labels = decodeNpy(await readInputFile(`${named}.test-labels.npy`));
  const [count, width] = features.shape;
  if (
    !(features.values instanceof Uint8Array) ||
    !(labels.values instanceof Uint8Array) ||
    width !== instance.sizes[0] ||
    labels.shape[0] !== count
  ) {
    throw new AssayError('CLI_TEST_SET', `the test samples beside ${named} do not fit the model`, {
      details: `features (${features.shape.join(', ')}), labels (${labels.shape.join(', ')}); the model takes ${instance.sizes[0]} features, as uint8`,
      hint: 'Use those that `assay dataset import` wrote beside the data set of the job.',
    });
  }
  return { name: `${count} samples beside ${named}`, features: features.values, labels: labels.values };
}

/** True where the data set begins as MNIST does in its published order. */
export async function isMnist(dataset: MinibatchSet, instance: WindowInstance): Promise<boolean> {
  const inputs = instance.sizes[0];
  if (dataset.classes !== 10 || (inputs !== 784 && inputs !== 196)) return false;
  const { loadMnist } = await import('../../data/loadMnist.ts');
  const { train } = await loadMnist({ pool: mnistPool(instance), fx: dataset.featureBits, limit: dataset.batch });
  const first = dataset.minibatches[0];
  return first !== undefined && Buffer.compare(first.features, train.features) === 0 && Buffer.compare(first.labels, train.labels) === 0;
}
