import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { AssayError, exitCodes } from '../../errors.ts';
import { defineCommand } from '../framework/command.ts';
import { type DatasetFacts, describeSet, renderFacts } from './describeSet.ts';

type Input = { readonly file: string; readonly fast: boolean };
type Shown = DatasetFacts & { readonly labels: readonly number[]; readonly leavesChecked: number };

export const datasetShow = defineCommand<Input, Shown>({
  name: 'dataset show',
  summary: 'show a dataset blob and check it',
  description: 'Decodes the blob strictly, recomputes the digest of every minibatch and the root over them, and counts the labels.',
  arguments: { file: { flags: '<file>', description: 'dataset blob', schema: z.string() } },
  options: { fast: { flags: '--fast', description: 'take the digests as they stand in the blob', schema: z.boolean().default(false) } },
  examples: ['assay dataset show mnist.dataset'],
  async run({ progress }, { file, fast }) {
    const { decodeDatasetBlob } = await import('../../data/datasetBlob.ts');
    const { minibatchAt } = await import('../../data/minibatchSet.ts');
    const { loadPoseidon2 } = await import('../../commitment/poseidon2.ts');
    const bytes = await readBlob(file);
    const set = decodeDatasetBlob(bytes);
    const p2 = await loadPoseidon2();
    const labels = new Array<number>(set.classes).fill(0);
    await progress.step('check the minibatches', async (update) => {
      for (const [i, minibatch] of set.minibatches.entries()) {
        if (!fast) minibatchAt(p2, set, i);
        for (const label of minibatch.labels) labels[label] = (labels[label] as number) + 1;
        if (i % 256 === 255) {
          update(`${i + 1} of ${set.minibatches.length}`);
          await new Promise(setImmediate);
        }
      }
    });
    const facts = await progress.step('build the tree', () => describeSet(file, bytes, set));
    return { ...facts, labels, leavesChecked: fast ? 0 : set.minibatches.length };
  },
  render: (shown) => `${renderFacts(shown)}\nlabels       ${shown.labels.map((n, label) => `${label}: ${n}`).join(', ')}`,
});

async function readBlob(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new AssayError('CLI_FILE_UNREADABLE', `cannot read ${file}`, {
      cause,
      details: (cause as Error).message,
      hint: 'Check the path.',
      exitCode: exitCodes.failure,
    });
  }
}
