import { join } from 'node:path';
import type { Hex } from 'viem';
import { z } from 'zod';
import type { Evaluation } from '../../train/evaluate.ts';
import { type ArchiveInput, archiveOptions, openArchivedJob, openCommandArchive } from '../framework/archiveOptions.ts';
import { defineCommand } from '../framework/command.ts';
import { showId } from '../framework/ids.ts';
import { jobNumber } from '../framework/jobOption.ts';
import { columns } from '../framework/output.ts';
import { pathSchema } from '../framework/pathSchema.ts';
import { writeWholeFile } from '../framework/writeWholeFile.ts';
import { isMnist, loadTestSet } from './loadTestSet.ts';

type Input = ArchiveInput & { readonly id: bigint; readonly out: string | undefined; readonly test: string | undefined };

type Result = {
  readonly jobId: number;
  readonly state: string;
  readonly finalized: number;
  readonly windows: number;
  readonly checkpointId: Hex;
  /** Null without --out. */
  readonly onnx: string | null;
  readonly checkpoint: string | null;
  /** Null where no test set is known. */
  readonly accuracy: { readonly testSet: string; readonly genesis: Evaluation; readonly final: Evaluation } | null;
};

export const jobResult = defineCommand<Input, Result>({
  name: 'job result',
  summary: "a job's last checkpoint: as ONNX model, and its accuracy",
  description:
    'Fetches data set and genesis, recommits them, trains the finalized windows again (the arithmetic is exact, so they lead to the committed weights or to an ' +
    'error), and writes the last checkpoint as a blob and as an ONNX model. Works while the job runs, too.',
  arguments: { id: { flags: '<id>', description: 'number of the job', schema: jobNumber } },
  options: {
    out: {
      flags: '--out <dir>',
      description: 'write model.onnx and model.checkpoint here',
      schema: pathSchema.optional(),
    },
    test: {
      flags: '--test <file>',
      description: 'measure with mnist, or the test samples beside this dataset blob (default: mnist where the job trains on it)',
      schema: z.string().min(1).optional(),
    },
    ...archiveOptions,
  },
  examples: [
    'assay job result 1 --out ./result',
    'assay job result 1 --test ./iris.dataset --peers /ip4/127.0.0.1/tcp/4001/p2p/12D3KooW... --json',
  ],
  async run(context, { id, out, test, ...input }) {
    const { progress } = context;
    const { evaluate } = await import('../../train/evaluate.ts');
    const { encodeCheckpoint } = await import('../../model/checkpoint.ts');
    const { exportOnnx } = await import('../../model/exportOnnx.ts');
    const archive = await openCommandArchive(context, input);
    const job = await openArchivedJob(context, archive, id);
    const { instance } = job.artifacts;
    const { spec, sizes } = instance;
    const { state, finalized, windows, headId, genesisId, modelId } = await job.state();
    const head = await progress.step(`train ${finalized} windows again`, () => job.checkpoint(headId));
    const genesis = await job.checkpoint(genesisId);

    let onnx: string | null = null;
    let checkpoint: string | null = null;
    if (out !== undefined) {
      onnx = join(out, 'model.onnx');
      checkpoint = join(out, 'model.checkpoint');
      const metadata = { 'assay.model': modelId, 'assay.checkpoint': showId(headId) };
      await writeWholeFile(onnx, exportOnnx(spec, sizes, head.weights, metadata));
      await writeWholeFile(checkpoint, encodeCheckpoint({ modelId, sizes, weights: head.weights }));
    }
    const named = test ?? ((await isMnist(job.dataset, instance)) ? 'mnist' : undefined);
    let accuracy: Result['accuracy'] = null;
    if (named !== undefined) {
      const { name, features, labels } = await loadTestSet(named, instance);
      const measure = (weights: readonly Int32Array[]): Promise<Evaluation> => evaluate(spec, sizes, weights, features, labels);
      accuracy = await progress.step(`measure on ${name}`, async () => ({
        testSet: name,
        genesis: await measure(genesis.weights),
        final: await measure(head.weights),
      }));
    }
    return { jobId: Number(id), state, finalized, windows, checkpointId: showId(headId), onnx, checkpoint, accuracy };
  },
  render({ jobId, state, finalized, windows, checkpointId, onnx, checkpoint, accuracy }) {
    const percent = ({ correct, total }: Evaluation): string => `${((100 * correct) / total).toFixed(2)} %`;
    return columns([
      ['job', `${jobId} is ${state}, ${finalized} of ${windows} windows`],
      ['checkpoint', checkpointId],
      ...(onnx === null ? [] : [['ONNX', onnx]]),
      ...(checkpoint === null ? [] : [['weights', checkpoint]]),
      [
        'accuracy',
        accuracy === null
          ? 'no test set is known: --test names one'
          : `${percent(accuracy.final)} on ${accuracy.testSet} (genesis ${percent(accuracy.genesis)})`,
      ],
    ]);
  },
});
