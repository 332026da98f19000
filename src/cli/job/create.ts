import type { Hex } from 'viem';
import { z } from 'zod';
import { showTokens, tokenAmount } from '../framework/amounts.ts';
import { defineCommand } from '../framework/command.ts';
import { columns } from '../framework/output.ts';
import { reportRole } from '../framework/reportRole.ts';
import { type RoleInput, roleOptions } from '../framework/roleOptions.ts';
import { roleSettings } from '../framework/roleSettings.ts';
import { type GenesisChoice, loadGenesis } from './loadGenesis.ts';
import { loadJobDataset } from './loadJobDataset.ts';
import { type Served, serveUntilEnd } from './serveUntilEnd.ts';
import { share, type TermsInput, termsOf, termsOptions } from './termsOptions.ts';

type Input = RoleInput &
  GenesisChoice &
  TermsInput & {
    readonly circuit: string;
    readonly dataset: string;
    readonly datasetLicence: string | undefined;
    readonly modelLicence: string;
    readonly limit: number | undefined;
    readonly windows: number;
    readonly contributions: number;
    readonly licensorShare: number | undefined;
    readonly wait: boolean;
  };

type Created = Served & {
  readonly circuit: string;
  readonly windows: number;
  /** Whole tokens. */
  readonly price: string;
  readonly bond: string;
  readonly minibatches: number;
  /** What the weights were drawn from; null where they came from a file. */
  readonly genesisSeed: Hex | null;
};

export const jobCreate = defineCommand<Input, Created>({
  name: 'job create',
  summary: 'open a funded training job, and serve its data set until it has ended',
  description:
    'Registers model, genesis and data set, deploys the verifier of the circuit where the chain has none yet, escrows windows x price, and opens the job. Then it ' +
    'serves data set and genesis to the workers until the job has ended. With --no-wait it ends once the job is open: `assay job serve` goes on from the ' +
    'same --data. The weights of the job are open: everybody can read them. With --json every event is one JSON line on stderr.',
  options: {
    circuit: { flags: '--circuit <name>', description: 'circuit instance, as train-window-196-64-10', schema: z.string().min(1) },
    dataset: { flags: '--dataset <file>', description: 'dataset blob, or mnist', schema: z.string().min(1) },
    datasetLicence: {
      flags: '--dataset-licence <text>',
      description: 'licence of the data, recorded on chain (default: unstated; mnist: CC BY-SA 3.0)',
      schema: z.string().max(256).optional(),
    },
    modelLicence: {
      flags: '--model-licence <text>',
      description: 'licence of the weights, recorded on chain (default: unstated)',
      schema: z.string().max(256).default('unstated'),
    },
    limit: {
      flags: '--limit <count>',
      description: 'mnist: only so many of the shuffled training images',
      schema: z.coerce.number().int().min(1).optional(),
    },
    windows: {
      flags: '--windows <count>',
      description: 'windows that the job pays for',
      schema: z.coerce
        .number()
        .int()
        .min(1)
        .max(2 ** 32 - 1),
    },
    price: { flags: '--price <amount>', description: 'of one window (of each contribution to it), in whole tokens', schema: tokenAmount },
    contributions: {
      flags: '--contributions <count>',
      description: 'eager: proofs from one parent a window, made side by side and merged on chain, 1 (default) to 8; each is paid',
      schema: z.coerce.number().int().min(1).max(8).default(1),
    },
    licensorShare: {
      flags: '--licensor-share <percent>',
      description: "share of the price for the data set's registrant (default: what its licence asks)",
      schema: share.optional(),
    },
    ...termsOptions,
    genesis: { flags: '--genesis <file>', description: 'checkpoint to start from', schema: z.string().min(1).optional() },
    genesisSeed: {
      flags: '--genesis-seed <hex>',
      description: '32 bytes to draw the first weights from (default: random)',
      schema: z
        .string()
        .regex(/^0x[0-9a-f]{64}$/, 'expected 0x and 64 lower-case hex digits')
        .transform((text) => text as Hex)
        .optional(),
    },
    genesisGain: {
      flags: '--genesis-gain <number>',
      description: 'scale of the hidden layers, 1 (default) to 16; more starts faster and ends worse',
      schema: z.coerce.number().int().min(1).max(16).default(1),
    },
    wait: { flags: '--no-wait', description: 'end once the job is open', schema: z.boolean().default(true) },
    ...roleOptions('requester'),
  },
  examples: [
    'assay job create --circuit train-window-196-64-10 --dataset mnist --windows 6 --price 10 --bond 5 --devnet-account 0',
    'assay job create --circuit train-window-196-64-10 --dataset mnist --windows 20 --price 10 --bond 5 --mode optimistic --validators 3 --devnet-account 0',
    'assay job create --circuit train-window-784-128-10 --dataset mnist.dataset --windows 100 --price 2.5 --bond 20 --key requester --listen /ip4/0.0.0.0/tcp/4001',
  ],
  endsInOrder: true,
  async run(context, input) {
    const { getWindowCircuit } = await import('../../proof/circuitInstance.ts');
    const instance = await getWindowCircuit(input.circuit);
    const genesis = await loadGenesis(context.settings, input, instance);
    const settings = await roleSettings(context, 'requester', input, reportRole(context));
    settings.emit({ event: 'preparing', what: `data set ${input.dataset}` });
    const dataset = await loadJobDataset(input.dataset, input.limit, instance);
    const { windows, price, bond, modelLicence, contributions } = input;
    const order = {
      instance,
      dataset,
      datasetLicence: input.datasetLicence ?? (input.dataset === 'mnist' ? 'CC BY-SA 3.0' : 'unstated'),
      modelLicence,
      genesis: genesis.weights,
      windows,
      contributions,
      licensorBps: input.licensorShare,
      ...termsOf(input),
    };
    const served = await serveUntilEnd(context, { ...settings, order }, input.wait);
    const minibatches = dataset.minibatches.length;
    return {
      ...served,
      circuit: instance.name,
      windows,
      price: showTokens(price),
      bond: showTokens(bond),
      minibatches,
      genesisSeed: genesis.seed ?? null,
    };
  },
  render: ({ jobId, state, finalized, circuit, windows, price, bond, genesisSeed }) =>
    columns([
      ['job', `${jobId} (${state}, ${finalized} of ${windows} windows)`],
      ['circuit', circuit],
      ['price', `${price} a window, bond ${bond}`],
      ['genesis', genesisSeed === null ? 'from a file' : `drawn from ${genesisSeed}`],
    ]),
  exitCode: ({ interrupted }) => (interrupted ? 130 : 0),
});
