import type { Address, Hex } from 'viem';
import { z } from 'zod';
import type { Answer } from '../../proof/inference/decodeOutputs.ts';
import { showTokens, tokenAmount } from '../framework/amounts.ts';
import { defineCommand } from '../framework/command.ts';
import { fieldId, showId } from '../framework/ids.ts';
import { columns } from '../framework/output.ts';
import { reportRole } from '../framework/reportRole.ts';
import { type RoleInput, roleOptions } from '../framework/roleOptions.ts';
import { roleSettings } from '../framework/roleSettings.ts';
import { serveQuestions } from './serveQuestions.ts';
import { type TermsInput, termsOf, termsOptions } from './termsOptions.ts';

type Input = RoleInput &
  TermsInput & {
    readonly circuit: string;
    readonly checkpoint: bigint;
    readonly input: readonly string[];
    readonly index: readonly number[];
    readonly public: boolean;
    readonly open: boolean;
    readonly worker: Address | undefined;
    readonly wait: boolean;
  };

type Asked = {
  readonly jobId: number;
  readonly state: string;
  readonly finalized: number;
  readonly interrupted: boolean;
  readonly circuit: string;
  readonly checkpointId: Hex;
  readonly price: string;
  /** Of each proof that was paid: the answers of its samples. */
  readonly answers: readonly (readonly Answer[])[];
};

export const jobAsk = defineCommand<Input, Asked>({
  name: 'job ask',
  summary: 'ask a model for proved answers, pay for each, and print them',
  description:
    'Opens an inference job on a checkpoint, escrows the price of every answer, serves the inputs to whoever answers, and stays until all are proved. Hidden weights are ' +
    'asked of their owner, and only where the chain has the proof that they are within bounds (`assay model publish`). The inputs are not private: the chain has their salted ' +
    'commitments alone, but also the addresses of the blobs, and whoever reaches this node or the one that answers can fetch a blob by its address. With --no-wait it ends once the job is open: `assay job serve` goes on from the same --data.',
  options: {
    circuit: { flags: '--circuit <name>', description: 'inference circuit, as inference-196-25-10', schema: z.string().min(1) },
    checkpoint: { flags: '--checkpoint <id>', description: 'the model that is asked', schema: fieldId },
    input: {
      flags: '--input <files...>',
      description: 'mnist, or JSON, IDX or .npy files of integers as the circuit takes them',
      schema: z.array(z.string().min(1)).min(1),
    },
    index: {
      flags: '--index <numbers...>',
      description: 'which samples of each file, counted from 0 (default: all)',
      schema: z.array(z.coerce.number().int().min(0)).default([]),
    },
    public: {
      flags: '--public',
      description: 'commit to the inputs without a salt: anybody can check them',
      schema: z.boolean().default(false),
    },
    open: { flags: '--open', description: 'the weights are public: anyone may answer', schema: z.boolean().default(false) },
    worker: {
      flags: '--worker <address>',
      description: 'the only operator that may answer (default: who registered the checkpoint; needed where several did)',
      schema: z
        .string()
        .regex(/^0x[0-9a-fA-F]{40}$/, 'expected an address')
        .transform((text) => text as Address)
        .optional(),
    },
    price: { flags: '--price <amount>', description: 'of one answer, in whole tokens', schema: tokenAmount },
    ...termsOptions,
    wait: { flags: '--no-wait', description: 'end once the job is open', schema: z.boolean().default(true) },
    ...roleOptions('requester'),
  },
  examples: [
    'assay job ask --circuit inference-196-25-10 --checkpoint 0x1f.. --input mnist --index 7 --price 0.5 --bond 5 --devnet-account 0',
  ],
  endsInOrder: true,
  async run(context, input) {
    const { AssayError, exitCodes } = await import('../../errors.ts');
    const { getKnownCircuit } = await import('../../proof/knownCircuits.ts');
    const { circuitCacheDirectory } = await import('../framework/folders.ts');
    const { readFeatures } = await import('../infer/readFeatures.ts');
    const instance = await getKnownCircuit(input.circuit, circuitCacheDirectory(context.settings));
    if (instance.statement !== 'inference') {
      throw new AssayError('CIRCUIT_UNKNOWN', `${input.circuit} proves no answers`, {
        exitCode: exitCodes.usage,
        hint: 'assay circuit list shows the inference circuits.',
      });
    }
    const { spec, sizes } = instance;
    const samples = await Promise.all(input.input.map((file) => readFeatures(file, input.index, { spec, sizes, input: null })));
    const all = Buffer.concat(samples);
    const perProof = instance.inputs * (sizes[0] as number);
    if (all.length % perProof !== 0) {
      throw new AssayError('CLI_INPUT_INVALID', `${all.length / (sizes[0] as number)} samples do not fill proofs of ${instance.inputs}`, {
        exitCode: exitCodes.usage,
        hint: 'Choose samples with --index, or another circuit.',
      });
    }
    const inputs = Array.from({ length: all.length / perProof }, (_, i) => Uint8Array.from(all.subarray(i * perProof, (i + 1) * perProof)));
    const settings = await roleSettings(context, 'requester', input, reportRole(context));
    const { price, open, worker, checkpoint: checkpointId } = input;
    const order = {
      instance,
      checkpointId,
      inputs,
      publicInputs: input.public,
      open,
      ...(worker === undefined ? {} : { worker }),
      ...termsOf(input),
    };
    const served = await serveQuestions(context, { ...settings, order }, input.wait);
    return { ...served, circuit: instance.name, checkpointId: showId(checkpointId), price: showTokens(price) };
  },
  render: ({ jobId, state, finalized, circuit, checkpointId, price, answers }) =>
    columns([
      ['job', `${jobId} (${state}, ${finalized} answers at ${price})`],
      ['circuit', circuit],
      ['checkpoint', checkpointId],
      ...answers.map((answer, k) => [
        `answer ${k}`,
        answer.map((one) => (typeof one === 'number' ? `class ${one}` : one.join(' '))).join(', '),
      ]),
    ]),
  exitCode: ({ interrupted }) => (interrupted ? 130 : 0),
});
