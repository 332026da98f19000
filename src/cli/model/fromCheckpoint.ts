import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { Hex } from 'viem';
import { z } from 'zod';
import { AssayError } from '../../errors.ts';
import { defineCommand } from '../framework/command.ts';
import { fileExists } from '../framework/fileExists.ts';
import { ceremonyOf } from '../framework/folders.ts';
import { showId } from '../framework/ids.ts';
import { openCheckpointFile } from '../framework/openCheckpointFile.ts';
import { columns } from '../framework/output.ts';
import { readInputFile } from '../framework/readInputFile.ts';
import { buildModelCircuits, type ModelCircuit, modelCircuits, renderCircuits } from './modelCircuits.ts';

type Input = { readonly file: string; readonly output: string; readonly private: boolean; readonly circuit: boolean };

type Made = {
  readonly folder: string;
  readonly modelId: Hex;
  readonly checkpointId: Hex;
  readonly sizes: readonly number[];
  readonly private: boolean;
  readonly ceremony: 'dev' | 'public';
  readonly largestWeight: number;
  readonly wmax: number;
  readonly circuits: readonly ModelCircuit[];
};

export const modelFromCheckpoint = defineCommand<Input, Made>({
  name: 'model from-checkpoint',
  summary: 'make a model folder of a checkpoint that training ended with',
  description:
    'The folder is what `assay infer` proves with. Open weights keep the checkpoint id that training gave them; with --private the same weights are committed to anew behind ' +
    'random factors (who has the checkpoint file still knows them).',
  arguments: {
    file: {
      flags: '<checkpoint>',
      description: 'checkpoint file, as `assay job result` and `assay checkpoint export` write it',
      schema: z.string().min(1),
    },
  },
  options: {
    output: { flags: '--output <folder>', description: 'where to write the model; must not exist', schema: z.string().min(1) },
    circuit: { flags: '--no-circuit', description: 'name the circuits, build none', schema: z.boolean().default(true) },
    private: { flags: '--private', description: 'commit anew, with private weights', schema: z.boolean().default(false) },
  },
  examples: ['assay model from-checkpoint job1.checkpoint --output ./job1-model'],
  async run(context, input) {
    const { settings, progress, cleanup } = context;
    if (await fileExists(input.output)) {
      throw new AssayError('MODEL_FOLDER_EXISTS', `${input.output} exists already`, {
        hint: 'Choose another folder; a model is never overwritten.',
      });
    }
    const { blockCount } = await import('../../commitment/blocks.ts');
    const { createKzg } = await import('../../commitment/kzg.ts');
    const { writeModelFolder } = await import('../../model/modelFolder.ts');
    const { ensureSrs } = await import('../../proof/ceremony.ts');
    const { randomScalar } = await import('../../proof/randomScalar.ts');
    const { largestWeight } = await import('../../quant/exact.ts');
    const { spec, sizes, blockLog, weights } = await openCheckpointFile(settings, input.file);
    const largest = largestWeight(weights);
    if (largest > spec.wmax) {
      throw new AssayError('MODEL_WEIGHTS_INVALID', `a weight of magnitude ${largest} is beyond wmax (${spec.wmax})`, {
        hint: 'Circuits of inference take weights within wmax only; train with a smaller rate or from another genesis.',
      });
    }
    const srs = await progress.step('ceremony files', () => ensureSrs({ ...ceremonyOf(settings), points: 2 ** blockLog + 1 }));
    const kzg = await createKzg(srs);
    cleanup.add('the committer', kzg.close);
    const sigmas = input.private ? Array.from({ length: blockCount(sizes, blockLog) }, randomScalar) : undefined;
    const points = await progress.step('commit', () => kzg.commitCheckpoint(sizes, blockLog, weights, sigmas));
    const sha256 = createHash('sha256')
      .update(await readInputFile(input.file))
      .digest('hex');
    const { modelId, checkpointId } = await writeModelFolder(input.output, {
      spec,
      sizes,
      blockLog,
      ceremony: srs.profile,
      srsId: srs.id,
      points,
      weights,
      sigmas,
      input: null,
      classLabels: null,
      logitScale: null,
      report: { source: { file: basename(input.file), sha256 }, largestWeight: largest },
    });
    const committed = { spec, sizes, blockLog };
    const circuits = await (input.circuit ? buildModelCircuits(context, committed) : modelCircuits(context, committed));
    return {
      folder: input.output,
      modelId,
      checkpointId: showId(checkpointId),
      sizes,
      private: input.private,
      ceremony: srs.profile,
      largestWeight: largest,
      wmax: spec.wmax,
      circuits,
    };
  },
  render: (value) =>
    [
      columns([
        ['folder', value.folder],
        ['model', `${value.modelId} (${value.sizes.join('-')})`],
        ['checkpoint', `${value.checkpointId} (${value.private ? 'private' : 'open'}, ${value.ceremony} ceremony)`],
        ['largest |W|', `${value.largestWeight} of ${value.wmax}`],
      ]),
      ...renderCircuits(value.circuits),
    ].join('\n'),
});
