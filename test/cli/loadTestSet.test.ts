import { expect, test } from 'vitest';
import { loadJobDataset } from '../../src/cli/job/loadJobDataset.ts';
import { isMnist, loadTestSet } from '../../src/cli/job/loadTestSet.ts';
import type { MinibatchSet } from '../../src/data/minibatchSet.ts';
import { getWindowCircuit } from '../../src/proof/circuitInstance.ts';
import { codeOf } from '../utils/codeOf.ts';

test.each([['train-window-196-64-10'], ['train-window-784-128-10']])('mnist is cut to %s, and known again', async (name) => {
  const instance = await getWindowCircuit(name);
  const set = await loadJobDataset('mnist', 64, instance);
  expect(set).toMatchObject({ features: instance.sizes[0], batch: 16, depth: 12, classes: 10, featureBits: 4 });
  expect(set.minibatches).toHaveLength(4);
  expect(await isMnist(set, instance)).toBe(true);
  const [first, ...rest] = set.minibatches as [MinibatchSet['minibatches'][number]];
  const features = first.features.slice();
  features[100] = (features[100] as number) ^ 1;
  expect(await isMnist({ ...set, minibatches: [{ ...first, features }, ...rest] }, instance)).toBe(false);
  const { labels, features: images } = await loadTestSet('mnist', instance);
  expect(labels).toHaveLength(10_000);
  expect(images).toHaveLength(10_000 * (instance.sizes[0] as number));
});

test('a circuit of another input size takes no mnist; a blob is committed whole', async () => {
  const small = await getWindowCircuit('train-window-64-32-10');
  expect(await codeOf(() => loadJobDataset('mnist', 64, small))).toBe('CLI_BAD_OPTION');
  expect(await codeOf(() => loadTestSet('mnist', small))).toBe('CLI_BAD_OPTION');
  expect(await codeOf(() => loadJobDataset('some.dataset', 64, small))).toBe('CLI_BAD_OPTION');
  expect(await codeOf(() => loadJobDataset('some.dataset', undefined, small))).toBe('CLI_FILE_UNREADABLE');
});
