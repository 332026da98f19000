import type { Hex } from 'viem';
import { z } from 'zod';
import { AssayError, exitCodes } from '../../errors.ts';
import type { ArithmeticSpec } from '../../quant/spec.ts';
import { type ArchiveInput, archiveOptions, openArchivedJob, openCommandArchive } from '../framework/archiveOptions.ts';
import { type CommandContext, defineCommand } from '../framework/command.ts';
import { showId } from '../framework/ids.ts';
import { jobNumber } from '../framework/jobOption.ts';
import { openCheckpointFile } from '../framework/openCheckpointFile.ts';
import { columns } from '../framework/output.ts';
import { writeWholeFile } from '../framework/writeWholeFile.ts';
import { checkpointAt } from './findCheckpoint.ts';

type Input = ArchiveInput & {
  readonly file: string | undefined;
  readonly job: bigint | undefined;
  readonly index: number | undefined;
  readonly onnx: string | undefined;
  readonly checkpoint: string | undefined;
};

type Source = {
  readonly spec: ArithmeticSpec;
  readonly sizes: readonly number[];
  readonly modelId: Hex;
  readonly weights: readonly Int32Array[];
  /** Recommitted; undefined for a file. */
  readonly id: bigint | undefined;
};

type Exported = {
  readonly modelId: Hex;
  readonly sizes: readonly number[];
  readonly checkpointId: Hex | null;
  readonly onnx: string | null;
  readonly checkpoint: string | null;
};

export const checkpointExport = defineCommand<Input, Exported>({
  name: 'checkpoint export',
  summary: 'write a checkpoint as an ONNX model',
  description:
    'From a checkpoint file, or from a job after --index windows (its head by default), which is trained again from the genesis and recommitted. The model computes ' +
    'the very integers of the training: input uint8 features below 2^fx, outputs int64 logits and class.',
  arguments: { file: { flags: '[file]', description: 'checkpoint file', schema: z.string().optional() } },
  options: {
    job: { flags: '--job <id>', description: 'a checkpoint of this job', schema: jobNumber.optional() },
    index: {
      flags: '--index <windows>',
      description: 'after so many windows; 0 is the genesis (default: the head)',
      schema: z.coerce.number().int().min(0).optional(),
    },
    onnx: { flags: '--onnx <file>', description: 'where to write the ONNX model', schema: z.string().min(1).optional() },
    checkpoint: { flags: '--checkpoint <file>', description: 'where to write the checkpoint blob', schema: z.string().min(1).optional() },
    ...archiveOptions,
  },
  examples: ['assay checkpoint export model.checkpoint --onnx model.onnx', 'assay checkpoint export --job 1 --index 3 --onnx after3.onnx'],
  async run(context, { file, job, index, onnx, checkpoint, ...input }) {
    const usage = (message: string): AssayError => new AssayError('CLI_BAD_OPTION', message, { exitCode: exitCodes.usage });
    if ((file === undefined) === (job === undefined)) throw usage('give either a checkpoint file or --job');
    if (file !== undefined && index !== undefined) throw usage('--index goes with --job');
    if (onnx === undefined && checkpoint === undefined) throw usage('nothing to write: --onnx is missing');
    const { encodeCheckpoint } = await import('../../model/checkpoint.ts');
    const { exportOnnx } = await import('../../model/exportOnnx.ts');
    const source =
      file !== undefined
        ? { ...(await openCheckpointFile(context.settings, file)), id: undefined }
        : await fromJob(context, input, job as bigint, index);
    const { spec, sizes, modelId, weights, id } = source;
    const metadata = { 'assay.model': modelId, ...(id === undefined ? {} : { 'assay.checkpoint': showId(id) }) };
    if (onnx !== undefined) await writeWholeFile(onnx, exportOnnx(spec, sizes, weights, metadata));
    if (checkpoint !== undefined) await writeWholeFile(checkpoint, encodeCheckpoint({ modelId, sizes, weights }));
    return { modelId, sizes, checkpointId: id === undefined ? null : showId(id), onnx: onnx ?? null, checkpoint: checkpoint ?? null };
  },
  render: ({ modelId, sizes, checkpointId, onnx, checkpoint }) =>
    columns([
      ['model', `${modelId} (${sizes.join('-')})`],
      ...(checkpointId === null ? [] : [['checkpoint', checkpointId]]),
      ...(onnx === null ? [] : [['ONNX', onnx]]),
      ...(checkpoint === null ? [] : [['blob', checkpoint]]),
    ]),
});

async function fromJob(context: CommandContext, input: ArchiveInput, jobId: bigint, index: number | undefined): Promise<Source> {
  const { getLineage } = await import('../../chain/getLineage.ts');
  const archive = await openCommandArchive(context, input);
  const lineage = await getLineage(archive.chain, archive.deployment, jobId);
  const id = checkpointAt(lineage, index ?? lineage.checkpoints.length - 1);
  const job = await openArchivedJob(context, archive, jobId);
  const { weights } = await context.progress.step('train the windows again', () => job.checkpoint(id));
  const { modelId } = await job.state();
  const { spec, sizes } = job.artifacts.instance;
  return { spec, sizes, modelId, weights, id };
}
