import { join } from 'node:path';
import type { Hex } from 'viem';
import { z } from 'zod';
import type { ArithmeticSpec } from '../../quant/spec.ts';
import { checkpointAt } from '../checkpoint/findCheckpoint.ts';
import { type ArchiveInput, archiveOptions, openArchivedJob, openCommandArchive } from '../framework/archiveOptions.ts';
import { defineCommand } from '../framework/command.ts';
import { showId } from '../framework/ids.ts';
import { jobNumber } from '../framework/jobOption.ts';
import { columns } from '../framework/output.ts';
import { pathSchema } from '../framework/pathSchema.ts';
import { writeWholeFile } from '../framework/writeWholeFile.ts';

type Input = ArchiveInput & { readonly job: bigint; readonly window: number; readonly contribution: number; readonly out: string };

/** `manifest.json`: everything beside the arrays that redoing the arithmetic takes. */
type Manifest = {
  readonly format: 'assay-window-v1';
  readonly jobId: number;
  readonly window: number;
  readonly circuit: string;
  readonly modelId: Hex;
  readonly spec: ArithmeticSpec & { readonly fw: number };
  readonly sizes: readonly number[];
  readonly batch: number;
  /** Global numbers of the window's steps, and the leaf of the data set that each uses. */
  readonly steps: readonly number[];
  readonly leaves: readonly number[];
  readonly parentId: Hex;
  readonly childId: Hex;
  readonly datasetRoot: Hex;
  readonly batchSeed: Hex;
  readonly lossSum: number;
  readonly files: {
    /** One file a layer: int32, (inputs + 1) x outputs, the bias row last. */
    readonly parent: readonly string[];
    readonly child: readonly string[];
    /** uint8, steps x batch x inputs. */
    readonly features: string;
    /** uint8, steps x batch. */
    readonly labels: string;
  };
};

type Exported = Manifest & { readonly out: string };

export const windowExport = defineCommand<Input, Exported>({
  name: 'window export',
  summary: 'write a finalized window as NumPy arrays, to redo its arithmetic elsewhere',
  description:
    'Writes the weights before and after the window, its minibatches and labels as .npy integer arrays, and manifest.json with the arithmetic, sizes, ids and step ' +
    'numbers. docs/reference/encodings.md, "Arithmetic", says what leads from one to the other. Both checkpoints are recommitted first.',
  options: {
    job: { flags: '--job <id>', description: 'number of the job', schema: jobNumber },
    window: { flags: '--window <number>', description: 'finalized window, counted from 0', schema: z.coerce.number().int().min(0) },
    contribution: {
      flags: '--contribution <number>',
      description: 'which contribution to it, counted from 0 (default 0)',
      schema: z.coerce.number().int().min(0).max(7).default(0),
    },
    out: {
      flags: '--out <dir>',
      description: 'folder to write into',
      schema: pathSchema,
    },
    ...archiveOptions,
  },
  examples: ['assay window export --job 1 --window 0 --out ./window0'],
  async run(context, { job: jobId, window, contribution, out, ...input }) {
    const { getLineage } = await import('../../chain/getLineage.ts');
    const { batchIndex } = await import('../../commitment/merkle.ts');
    const { minibatchAt } = await import('../../data/minibatchSet.ts');
    const { encodeNpy } = await import('../../data/npy.ts');
    const { commitWeights } = await import('../../node/jobMaterial.ts');
    const { AssayError } = await import('../../errors.ts');
    const { weightBits } = await import('../../quant/spec.ts');
    const archive = await openCommandArchive(context, input);
    const lineage = await getLineage(archive.chain, archive.deployment, jobId);
    const finalized = lineage.checkpoints.length - 1;
    if (window >= finalized) {
      throw new AssayError('WINDOW_UNKNOWN', `job ${jobId} has ${finalized} finalized windows, so no window ${window}`);
    }
    const job = await openArchivedJob(context, archive, jobId);
    const { instance } = job.artifacts;
    const { spec, sizes } = instance;
    const batch = 2 ** spec.lb;
    const { batchSeed, datasetRoot, modelId, contributions } = await job.state();
    if (contribution >= contributions)
      throw new AssayError('WINDOW_UNKNOWN', `windows of job ${jobId} have ${contributions} contributions`);
    const parentId = checkpointAt(lineage, window);
    const parent = await context.progress.step('train the windows before it again', () => job.checkpoint(parentId));
    const { lossSum, child: trained } = job.train(window, contribution, parent, batchSeed);
    const child = await commitWeights(job.kzg, job.artifacts, trained);
    const childId = child.id;
    const first = job.firstStep(window, contribution);
    const numbers = Array.from({ length: instance.steps }, (_, k) => first + k);
    const leaves = numbers.map((t) => batchIndex(job.p2, batchSeed, t, job.tree.depth));
    const minibatches = leaves.map((leaf) => minibatchAt(job.p2, job.dataset, leaf));

    const layers = async (name: string, weights: readonly Int32Array[]): Promise<string[]> => {
      const files = weights.map((_, l) => `${name}-${l}.npy`);
      for (const [l, layer] of weights.entries()) {
        await writeWholeFile(join(out, files[l] as string), encodeNpy(layer, [(sizes[l] as number) + 1, sizes[l + 1] as number]));
      }
      return files;
    };
    const concat = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
    await writeWholeFile(
      join(out, 'features.npy'),
      encodeNpy(concat(minibatches.map(({ features }) => features)), [leaves.length, batch, sizes[0] as number]),
    );
    await writeWholeFile(join(out, 'labels.npy'), encodeNpy(concat(minibatches.map(({ labels }) => labels)), [leaves.length, batch]));
    const manifest: Manifest = {
      format: 'assay-window-v1',
      jobId: Number(jobId),
      window,
      circuit: instance.name,
      modelId,
      spec: { ...spec, fw: weightBits(spec) },
      sizes,
      batch,
      steps: numbers,
      leaves,
      parentId: showId(parentId),
      childId: showId(childId),
      datasetRoot: showId(datasetRoot),
      batchSeed: showId(batchSeed),
      lossSum,
      files: {
        parent: await layers('parent', parent.weights),
        child: await layers('child', child.weights),
        features: 'features.npy',
        labels: 'labels.npy',
      },
    };
    await writeWholeFile(join(out, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    return { ...manifest, out };
  },
  render: ({ out, window, jobId, circuit, steps, parentId, childId, lossSum, files }) =>
    columns([
      ['window', `${window} of job ${jobId} (${circuit}), steps ${steps.join(', ')}`],
      ['parent', parentId],
      ['child', childId],
      ['loss', String(lossSum)],
      ['folder', out],
      ['files', ['manifest.json', ...files.parent, ...files.child, files.features, files.labels].join(', ')],
    ]),
});
