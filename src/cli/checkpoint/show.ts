import type { Hex } from 'viem';
import { z } from 'zod';
import { defineCommand } from '../framework/command.ts';
import { connectReader } from '../framework/connectReader.ts';
import { ceremonyOf } from '../framework/folders.ts';
import { fieldId, showId } from '../framework/ids.ts';
import { columns } from '../framework/output.ts';
import { readInputFile } from '../framework/readInputFile.ts';
import type { Settings } from '../framework/settings.ts';
import { findCheckpoint } from './findCheckpoint.ts';

type Input = { readonly checkpoint: string };

type Shown = {
  readonly checkpointId: Hex | null;
  /** Of a file; null for an id. */
  readonly file: {
    readonly modelId: Hex;
    readonly sizes: readonly number[];
    readonly parameters: number;
    readonly largest: number;
    /** Circuits of this package that train the model. */
    readonly circuits: readonly string[];
  } | null;
  /** Of an id: where it stands on chain. */
  readonly places: readonly { readonly jobId: number; readonly index: number }[];
};

export const checkpointShow = defineCommand<Input, Shown>({
  name: 'checkpoint show',
  summary: 'show a checkpoint file, or where an id stands on chain',
  description:
    'A file is decoded strictly and, where this package has a circuit for its model, committed anew: its id is what the chain names. An id is looked for among ' +
    'the genesis checkpoints and finalized windows of the deployment.',
  arguments: {
    checkpoint: { flags: '<checkpoint>', description: 'checkpoint file, or an id in hex or decimal', schema: z.string().min(1) },
  },
  examples: ['assay checkpoint show model.checkpoint', `assay checkpoint show 0x${'0a'.repeat(32)}`],
  async run({ settings }, { checkpoint }) {
    const id = fieldId.safeParse(checkpoint);
    if (!id.success) return showFile(settings, checkpoint);
    const { chain, deployment } = await connectReader(settings);
    const places = (await findCheckpoint(chain, deployment, id.data)).map(({ jobId, index }) => ({ jobId: Number(jobId), index }));
    return { checkpointId: showId(id.data), file: null, places };
  },
  render({ checkpointId, file, places }) {
    if (file === null) {
      const at = places.map(({ jobId, index }) => [`job ${jobId}`, index === 0 ? 'its genesis' : `after window ${index - 1}`]);
      return columns([['checkpoint', checkpointId ?? ''], ...at]);
    }
    return columns([
      ['checkpoint', checkpointId ?? 'no circuit of this package commits this model'],
      ['model', `${file.modelId} (${file.sizes.join('-')}, ${file.parameters} parameters)`],
      ['largest', `|W| = ${file.largest}`],
      ['circuits', file.circuits.join(', ') || 'none'],
    ]);
  },
});

async function showFile(settings: Settings, path: string): Promise<Shown> {
  const { checkpointId, modelId, specId } = await import('../../commitment/ids.ts');
  const { createKzg } = await import('../../commitment/kzg.ts');
  const { decodeCheckpoint } = await import('../../model/checkpoint.ts');
  const { ceremonySrsId, ensureSrs } = await import('../../proof/ceremony.ts');
  const { listWindowCircuits } = await import('../../proof/circuitInstance.ts');
  const { largestWeight } = await import('../../quant/exact.ts');
  const { modelId: model, sizes, weights } = decodeCheckpoint(await readInputFile(path));
  const ceremony = ceremonyOf(settings);
  const srsId = await ceremonySrsId(ceremony);
  const circuits = (await listWindowCircuits()).filter(
    (c) => modelId({ specId: specId(c.spec), srsId, blockLog: c.blockLog, sizes: c.sizes }) === model,
  );
  let id: bigint | undefined;
  const [circuit] = circuits;
  if (circuit !== undefined) {
    const kzg = await createKzg(await ensureSrs({ ...ceremony, points: 2 ** circuit.blockLog + 1 }));
    try {
      id = checkpointId(model, await kzg.commitCheckpoint(sizes, circuit.blockLog, weights));
    } finally {
      await kzg.close();
    }
  }
  const parameters = weights.reduce((sum, layer) => sum + layer.length, 0);
  const file = { modelId: model, sizes, parameters, largest: largestWeight(weights), circuits: circuits.map(({ name }) => name) };
  return { checkpointId: id === undefined ? null : showId(id), file, places: [] };
}
