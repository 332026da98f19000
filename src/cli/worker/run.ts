import { type Address, getAddress, isAddress } from 'viem';
import { z } from 'zod';
import { tokenAmount } from '../framework/amounts.ts';
import { defineCommand } from '../framework/command.ts';
import { jobNumber } from '../framework/jobOption.ts';
import { pathSchema } from '../framework/pathSchema.ts';
import { reportRole } from '../framework/reportRole.ts';
import { type RoleInput, roleOptions } from '../framework/roleOptions.ts';
import { roleSettings } from '../framework/roleSettings.ts';
import { type TransactionInput, transactionOptions } from '../framework/transactionOptions.ts';

type Input = RoleInput &
  TransactionInput & {
    readonly job: bigint | undefined;
    readonly model: string | undefined;
    readonly minPrice: bigint | undefined;
    readonly token: Address | undefined;
    readonly maxBond: bigint | undefined;
    readonly maxLapsePenalty: bigint | undefined;
    readonly minLeaseBlocks: number | undefined;
    readonly logits: boolean;
    readonly turn: number;
    readonly attestationTimeout: number;
  };
/** `jobId` is null where the worker answered for its model, whatever job asked. */
type Worked = { readonly jobId: number | null; readonly settled: number; readonly state: string; readonly interrupted: boolean };

const path = pathSchema.optional();
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
      description: 'the least that a window or answer must pay, in whole tokens (default 0.01)',
      schema: tokenAmount.optional(),
    },
    token: {
      flags: '--token <address>',
      description: 'the token to be paid in (default: that of the deployment)',
      schema: z
        .string()
        .refine((text) => isAddress(text), 'expected an address')
        .transform((text) => getAddress(text))
        .optional(),
    },
    maxBond: {
      flags: '--max-bond <amount>',
      description: 'the most stake that a lease may lock (default 100)',
      schema: tokenAmount.optional(),
    },
    maxLapsePenalty: {
      flags: '--max-lapse-penalty <amount>',
      description: 'the most stake that a lapsed lease may burn (default 1)',
      schema: tokenAmount.optional(),
    },
    minLeaseBlocks: {
      flags: '--min-lease-blocks <count>',
      description: 'the shortest lease that is taken; one too short to prove in costs the lapse penalty (default 50)',
      schema: z.coerce.number().int().min(1).optional(),
    },
    logits: {
      flags: '--logits',
      description: 'with --model and without --job: answer with every output of the last layer, too, from which weights can be worked out',
      schema: z.boolean().default(false),
    },
    ...roleOptions('worker'),
    ...transactionOptions,
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
      terms: {
        ...(input.minPrice === undefined ? {} : { minPrice: input.minPrice }),
        ...(input.token === undefined ? {} : { token: input.token }),
        ...(input.maxBond === undefined ? {} : { maxBond: input.maxBond }),
        ...(input.maxLapsePenalty === undefined ? {} : { maxLapsePenalty: input.maxLapsePenalty }),
        ...(input.minLeaseBlocks === undefined ? {} : { minLeaseBlocks: input.minLeaseBlocks }),
        logits: input.logits,
      },
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
