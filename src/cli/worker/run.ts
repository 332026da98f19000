import { resolve } from 'node:path';
import { z } from 'zod';
import { tokenAmount } from '../framework/amounts.ts';
import { defineCommand } from '../framework/command.ts';
import { jobNumber } from '../framework/jobOption.ts';
import { reportRole } from '../framework/reportRole.ts';
import { type RoleInput, roleOptions } from '../framework/roleOptions.ts';
import { roleSettings } from '../framework/roleSettings.ts';

type Input = RoleInput & {
  readonly job: bigint | undefined;
  readonly model: string | undefined;
  readonly minPrice: bigint;
  readonly minLeaseBlocks: number;
  readonly turn: number;
  readonly attestationTimeout: number;
};
/** `jobId` is null where the worker answered for its model, whatever job asked. */
type Worked = { readonly jobId: number | null; readonly settled: number; readonly state: string; readonly interrupted: boolean };

const path = z
  .string()
  .min(1)
  .transform((text) => resolve(text))
  .optional();
const seconds = z.coerce.number().min(0).max(86_400);

export const workerRun = defineCommand<Input, Worked>({
  name: 'worker run',
  summary: 'work on a job: lease, train or answer, prove, announce, submit',
  description:
    'Works until the job ends or Ctrl-C, with --model and without --job until Ctrl-C on every job that asks that model, with the hot key of a registered operator. Every step that can cost money is journaled first, so a worker that is ' +
    'killed and started again with the same --data submits each window exactly once. The folder of circuits (--cache) may be shared by several nodes. ' +
    'With --json every event is one JSON line on stderr.',
  options: {
    job: { flags: '--job <id>', description: 'job to work on', schema: jobNumber.optional() },
    model: { flags: '--model <folder>', description: 'model that answers inference jobs, as `assay model import` writes it', schema: path },
    minPrice: {
      flags: '--min-price <amount>',
      description: 'with --model and without --job: the least that an answer must pay, in whole tokens (default 0)',
      schema: tokenAmount.default(0n),
    },
    minLeaseBlocks: {
      flags: '--min-lease-blocks <count>',
      description: 'with --model and without --job: the shortest lease that is taken (default 50)',
      schema: z.coerce.number().int().min(1).default(50),
    },
    ...roleOptions('worker'),
    turn: {
      flags: '--turn <seconds>',
      description: 'after a window of its own, leave the next one to others for so long (default 0)',
      schema: seconds.default(0),
    },
    attestationTimeout: {
      flags: '--attestation-timeout <seconds>',
      description: "wait so long for a validator's word before submitting without it (default 30)",
      schema: seconds.default(30),
    },
  },
  examples: [
    'assay worker run --job 1 --key hot --password-file ./hot.password --peers /ip4/127.0.0.1/tcp/4001/p2p/12D3KooW...',
    'assay worker run --job 1 --devnet-account 2 --json',
    'assay worker run --model ./digits --key hot --listen /ip4/0.0.0.0/tcp/4001',
  ],
  endsInOrder: true,
  async run(context, input) {
    const { runWorker } = await import('../../node/runWorker.ts');
    const { readModelFolder } = await import('../../model/modelFolder.ts');
    const model = input.model === undefined ? undefined : await readModelFolder(input.model);
    const { prover } = context.settings;
    const settings = await roleSettings(context, 'worker', input, reportRole(context));
    const { settled, state } = await runWorker({
      ...settings,
      ...(input.job === undefined ? {} : { jobId: input.job }),
      ...(model === undefined ? {} : { model }),
      minPrice: input.minPrice,
      minLeaseBlocks: input.minLeaseBlocks,
      ...(prover === undefined ? {} : { proverBinary: prover }),
      turnMs: input.turn * 1000,
      attestationTimeoutMs: input.attestationTimeout * 1000,
    });
    return { jobId: input.job === undefined ? null : Number(input.job), settled, state, interrupted: context.cleanup.signal.aborted };
  },
  render: ({ jobId, settled, state, interrupted }) =>
    interrupted
      ? `stopped; settled ${settled} windows${jobId === null ? '' : ` of job ${jobId}`}`
      : `job ${jobId} is ${state}; this run settled ${settled} windows`,
});
