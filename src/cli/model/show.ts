import type { Hex } from 'viem';
import { z } from 'zod';
import { AssayError, exitCodes } from '../../errors.ts';
import type { ModelInput } from '../../model/modelFolder.ts';
import type { ArithmeticSpec } from '../../quant/spec.ts';
import { defineCommand } from '../framework/command.ts';
import { ceremonyOf } from '../framework/folders.ts';
import { showId } from '../framework/ids.ts';
import { columns } from '../framework/output.ts';
import { type ModelCircuit, modelCircuits, renderCircuits } from './modelCircuits.ts';

type Input = { readonly folder: string; readonly verify: boolean };

type Shown = {
  readonly folder: string;
  readonly modelId: Hex;
  readonly checkpointId: Hex;
  readonly sizes: readonly number[];
  readonly parameters: number;
  readonly spec: ArithmeticSpec;
  readonly blockLog: number;
  readonly blocks: number;
  readonly ceremony: 'dev' | 'public';
  readonly srsId: Hex;
  readonly private: boolean;
  readonly largestWeight: number;
  readonly input: ModelInput | null;
  readonly classLabels: readonly (number | string)[] | null;
  readonly logitScale: number | null;
  /** Whether the points commit to the weights; null without --verify. */
  readonly verified: boolean | null;
  readonly circuits: readonly ModelCircuit[];
};

export const modelShow = defineCommand<Input, Shown>({
  name: 'model show',
  summary: 'show a model folder and check it',
  description:
    'Reads the folder strictly: ids, points, hashes, limits and the permissions of what is secret. With --verify it commits to the weights again and compares every point. ' +
    'Exit code 6 where the folder is not what was written.',
  arguments: { folder: { flags: '<folder>', description: 'model folder', schema: z.string().min(1) } },
  options: { verify: { flags: '--verify', description: 'commit to the weights again', schema: z.boolean().default(false) } },
  examples: ['assay model show ./digits --verify'],
  async run(context, { folder, verify }) {
    const { settings, progress, cleanup } = context;
    const { readModelFolder } = await import('../../model/modelFolder.ts');
    const { largestWeight } = await import('../../quant/exact.ts');
    const model = await readModelFolder(folder);
    const { spec, sizes, blockLog, srsId, weights, points, sigmas } = model;
    let verified: boolean | null = null;
    if (verify) {
      const { createKzg } = await import('../../commitment/kzg.ts');
      const { ensureSrs } = await import('../../proof/ceremony.ts');
      const srs = await progress.step('ceremony files', () => ensureSrs({ ...ceremonyOf(settings), points: 2 ** blockLog + 1 }));
      if (srs.id !== srsId) {
        throw new AssayError('MODEL_SRS_MISMATCH', 'the model was committed under another ceremony than the one in the settings', {
          exitCode: exitCodes.artifactMismatch,
          hint: 'Choose the --ceremony and --srs that `assay model import` was run with.',
        });
      }
      const kzg = await createKzg(srs);
      cleanup.add('the committer', kzg.close);
      const again = await progress.step('commit again', () => kzg.commitCheckpoint(sizes, blockLog, weights, sigmas));
      verified = again.every(([x, y], i) => x === points[i]?.[0] && y === points[i]?.[1]);
    }
    return {
      folder,
      modelId: model.modelId,
      checkpointId: showId(model.checkpointId),
      sizes,
      parameters: weights.reduce((sum, layer) => sum + layer.length, 0),
      spec,
      blockLog,
      blocks: points.length,
      ceremony: model.ceremony,
      srsId,
      private: sigmas !== undefined,
      largestWeight: largestWeight(weights),
      input: model.input,
      classLabels: model.classLabels,
      logitScale: model.logitScale,
      verified,
      circuits: await modelCircuits(context, model),
    };
  },
  render: (value) =>
    [
      columns([
        ['model', `${value.modelId} (${value.sizes.join('-')}, ${value.parameters} weights)`],
        ['checkpoint', `${value.checkpointId} (${value.private ? 'private' : 'open'}, ${value.blocks} blocks of 2^${value.blockLog})`],
        ['ceremony', value.ceremony === 'dev' ? 'dev: its secret is published' : 'public'],
        [
          'arithmetic',
          Object.entries(value.spec)
            .map(([name, bits]) => `${name} ${bits}`)
            .join(', '),
        ],
        ['largest |W|', `${value.largestWeight} of ${value.spec.wmax}`],
        ['input', describeInput(value.input, value.spec.fx)],
        ...(value.classLabels === null ? [] : [['classes', value.classLabels.join(', ')]]),
        ...(value.verified === null ? [] : [['commitment', value.verified ? 'is of these weights' : 'IS NOT OF THESE WEIGHTS']]),
      ]),
      ...renderCircuits(value.circuits),
    ].join('\n'),
  exitCode: ({ verified }) => (verified === false ? exitCodes.artifactMismatch : exitCodes.ok),
});

function describeInput(input: ModelInput | null, featureBits: number): string {
  const levels = `integers of ${featureBits} bits`;
  if (input === null) return `${levels}, as the data set of its training has them`;
  const { ranges, pool } = input;
  const [first] = ranges;
  const scaled =
    ranges.length === 1 && first !== undefined
      ? `raw values from ${first[0]} to ${first[1]}`
      : `${ranges.length} columns, each with its own range`;
  return `${levels}: ${scaled}${pool === null ? '' : `, ${pool.height} x ${pool.width} images averaged by ${pool.factor}`}`;
}
