import { z } from 'zod';
import type { Deployment } from '../../chain/deployment.ts';
import { AssayError, exitCodes } from '../../errors.ts';
import { defineCommand } from '../framework/command.ts';
import { connectSigner, devnetAccountOption } from '../framework/connectSigner.ts';
import { fileExists } from '../framework/fileExists.ts';
import { columns } from '../framework/output.ts';
import { writeWholeFile } from '../framework/writeWholeFile.ts';

type Input = { readonly devnetAccount: number | undefined; readonly force: boolean };
type Deployed = Deployment & { readonly deployer: string; readonly manifest: string };

export const deploy = defineCommand<Input, Deployed>({
  name: 'deploy',
  summary: 'deploy the contracts and write their manifest',
  description:
    'Deploys every contract to the chain at --rpc and writes their addresses to --deployment. The signing account pays, and gets the whole supply of the ' +
    'stake token.',
  options: {
    devnetAccount: devnetAccountOption,
    force: { flags: '--force', description: 'replace a manifest that exists', schema: z.boolean().default(false) },
  },
  examples: [
    'assay deploy --rpc http://127.0.0.1:8545 --devnet-account 0',
    'assay deploy --rpc http://127.0.0.1:8545 --key deployer --password-file ./deployer.password',
  ],
  async run({ settings, progress }, { devnetAccount, force }) {
    const manifest = settings.deployment;
    if (!force && (await fileExists(manifest))) {
      throw new AssayError('CLI_FILE_EXISTS', `${manifest} exists already`, {
        hint: 'Give --force to replace it, or another file with --deployment.',
        exitCode: exitCodes.usage,
      });
    }
    const { deployContracts } = await import('../../chain/deployContracts.ts');
    const chain = await connectSigner(settings, devnetAccount);
    const deployment = await progress.step(`deploy to chain ${chain.chainId}`, (update) =>
      deployContracts(chain, { onDeployed: (module, address) => update(`${module} at ${address}`) }),
    );
    await writeWholeFile(manifest, `${JSON.stringify(deployment, null, 2)}\n`);
    return { ...deployment, deployer: chain.account.address, manifest };
  },
  render: ({ chainId, profile, addresses, manifest }) =>
    `${columns([
      ['chain', String(chainId)],
      [
        'profile',
        profile === 'dev' ? 'dev: takes circuits of the dev ceremony, which anybody can forge under' : 'public: refuses the dev ceremony',
      ],
      ...Object.entries(addresses),
    ])}\n\nmanifest: ${manifest}`,
});
