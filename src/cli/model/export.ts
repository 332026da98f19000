import { stat } from 'node:fs/promises';
import type { Hex } from 'viem';
import { z } from 'zod';
import { defineCommand } from '../framework/command.ts';
import { showId } from '../framework/ids.ts';
import { openCheckpointFile } from '../framework/openCheckpointFile.ts';
import { columns } from '../framework/output.ts';
import { writeWholeFile } from '../framework/writeWholeFile.ts';

type Input = { readonly model: string; readonly output: string; readonly logits: boolean };

type Exported = {
  readonly onnx: string;
  readonly bytes: number;
  readonly modelId: Hex;
  readonly sizes: readonly number[];
  /** Null for a checkpoint file, which holds no commitments. */
  readonly checkpointId: Hex | null;
  readonly outputs: readonly ('logits' | 'class')[];
};

export const modelExport = defineCommand<Input, Exported>({
  name: 'model export',
  summary: 'write a model as ONNX that computes the very integers of its proofs',
  description:
    'From a model folder, or from a checkpoint file of training. Input: uint8 features below 2^fx, as the circuits take them; outputs: int64 logits and class, which ONNX ' +
    'Runtime computes in float64 without rounding. The weights are in the file: who may not know them may not have it.',
  arguments: { model: { flags: '<model>', description: 'model folder, or checkpoint file', schema: z.string().min(1) } },
  options: {
    output: { flags: '--output <file>', description: 'where to write the ONNX model', schema: z.string().min(1) },
    logits: { flags: '--logits', description: 'leave out the class: logits are the only output', schema: z.boolean().default(false) },
  },
  examples: ['assay model export ./digits --output digits.onnx', 'assay model export job1.checkpoint --output job1.onnx --logits'],
  async run({ settings }, { model, output, logits }) {
    const { exportOnnx } = await import('../../model/exportOnnx.ts');
    const { readModelFolder } = await import('../../model/modelFolder.ts');
    const folder = await isFolder(model);
    const source = folder ? await readModelFolder(model) : { ...(await openCheckpointFile(settings, model)), checkpointId: undefined };
    const { spec, sizes, weights, modelId } = source;
    const checkpointId = source.checkpointId === undefined ? null : showId(source.checkpointId);
    const outputs = logits ? (['logits'] as const) : (['logits', 'class'] as const);
    const metadata = { 'assay.model': modelId, ...(checkpointId === null ? {} : { 'assay.checkpoint': checkpointId }) };
    const bytes = exportOnnx(spec, sizes, weights, metadata, outputs);
    await writeWholeFile(output, bytes);
    return { onnx: output, bytes: bytes.length, modelId, sizes, checkpointId, outputs };
  },
  render: ({ onnx, bytes, modelId, sizes, checkpointId, outputs }) =>
    columns([
      ['ONNX', `${onnx} (${bytes} bytes; outputs ${outputs.join(', ')})`],
      ['model', `${modelId} (${sizes.join('-')})`],
      ...(checkpointId === null ? [] : [['checkpoint', checkpointId]]),
    ]),
});

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    // Reading it as a file says what is wrong.
    return false;
  }
}
