import { join } from 'node:path';
import type { Address, Hex } from 'viem';
import { z } from 'zod';
import { defineCommand } from '../framework/command.ts';
import { connectSigner, devnetAccountOption } from '../framework/connectSigner.ts';
import { ceremonyOf, circuitCacheDirectory } from '../framework/folders.ts';
import { showId } from '../framework/ids.ts';
import { columns } from '../framework/output.ts';
import { pathSchema } from '../framework/pathSchema.ts';
import { readInputFile } from '../framework/readInputFile.ts';
import { reportRole } from '../framework/reportRole.ts';

type Input = { readonly folder: string; readonly licence: string; readonly devnetAccount: number | undefined };

type Published = {
  readonly modelId: Hex;
  readonly checkpointId: Hex;
  readonly owner: Address;
  readonly wellFormedCircuit: Hex;
  /** Proofs that this run made and sent; 0 where the chain had them. */
  readonly proved: number;
};

export const modelPublish = defineCommand<Input, Published>({
  name: 'model publish',
  summary: 'register a model under its owner and prove on chain that it is well-formed, so that it can be asked for paid answers',
  description:
    'Signs with the key of the operator that will answer (not its hot key). The commitments go on chain, the weights stay here; what is there already is left as it is.',
  arguments: {
    folder: {
      flags: '<folder>',
      description: 'model, as `assay model import` writes it',
      schema: pathSchema,
    },
  },
  options: {
    licence: {
      flags: '--licence <text>',
      description: 'licence of the weights, recorded on chain (default: unstated)',
      schema: z.string().min(1).max(256).default('unstated'),
    },
    devnetAccount: devnetAccountOption,
  },
  examples: ['assay model publish ./digits --key cold', 'assay model publish ./digits --devnet-account 1'],
  async run(context, { folder, licence, devnetAccount }) {
    const { settings } = context;
    const { assertDeployment, readDeployment } = await import('../../chain/deployment.ts');
    const { readModelFolder } = await import('../../model/modelFolder.ts');
    const { publishModel } = await import('../../node/publishModel.ts');
    const model = await readModelFolder(folder);
    const deployment = readDeployment(settings.deployment);
    const chain = await connectSigner(settings, devnetAccount);
    await assertDeployment(chain, deployment);
    const { modelId, checkpointId, wellFormedCircuit, proved } = await publishModel({
      chain,
      deployment,
      model,
      card: await readInputFile(join(folder, 'model.json')),
      licence,
      ceremony: ceremonyOf(settings),
      circuitDirectory: circuitCacheDirectory(settings),
      threads: settings.threads,
      emit: reportRole(context),
    });
    return { modelId, checkpointId: showId(checkpointId), owner: chain.account.address, wellFormedCircuit, proved };
  },
  render: ({ modelId, checkpointId, owner, wellFormedCircuit, proved }) =>
    columns([
      ['model', modelId],
      ['checkpoint', checkpointId],
      ['owner', owner],
      ['well-formed', `${proved === 0 ? 'proved before' : `${proved} proofs`}, circuit ${wellFormedCircuit}`],
    ]),
});
