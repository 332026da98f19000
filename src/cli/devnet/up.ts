import { z } from 'zod';
import type { Deployment } from '../../chain/deployment.ts';
import { AssayError, exitCodes } from '../../errors.ts';
import { defineCommand } from '../framework/command.ts';
import { fileExists } from '../framework/fileExists.ts';
import { columns } from '../framework/output.ts';
import { writeWholeFile } from '../framework/writeWholeFile.ts';

type Input = {
  readonly port: number;
  readonly chainId: number;
  readonly blockTime: number | undefined;
  readonly state: string | undefined;
};

type Facts = {
  readonly rpc: string;
  readonly chainId: number;
  readonly deployment: Deployment;
  readonly manifest: string;
  readonly accounts: readonly string[];
};
/** `running` settles when the chain's process has ended. */
type Devnet = { readonly facts: Facts; readonly running: Promise<void> };

const chainIds: readonly number[] = [31337, 1337];

const accountCount = 10;

export const devnetUp = defineCommand<Input, Devnet>({
  name: 'devnet up',
  summary: 'run a local chain with the contracts deployed',
  description:
    'Starts an EVM node on the loopback interface, deploys the contracts, writes their manifest to --deployment, and runs until Ctrl-C. Ten accounts are ' +
    'funded; their keys are published, and account 0 holds the stake token.',
  options: {
    port: {
      flags: '--port <number>',
      description: 'TCP port (default 8545; 0: any)',
      schema: z.coerce.number().int().min(0).max(65535).default(8545),
    },
    chainId: {
      flags: '--chain-id <number>',
      description: '31337 (default) or 1337: the contracts take the dev ceremony on no other',
      schema: z.coerce
        .number()
        .refine((id) => chainIds.includes(id), `expected ${chainIds.join(' or ')}`)
        .default(31337),
    },
    blockTime: {
      flags: '--block-time <seconds>',
      description: 'seconds between blocks (default: a block for each transaction)',
      schema: z.coerce.number().int().min(1).max(3600).optional(),
    },
    state: { flags: '--state <file>', description: 'keep the chain in a file between runs', schema: z.string().min(1).optional() },
  },
  examples: ['assay devnet up', 'assay devnet up --port 0 --json'],
  async run({ settings, progress, cleanup }, { port, chainId, blockTime, state }) {
    const { devnetAccount, startAnvil } = await import('../../chain/anvil.ts');
    const { connectChain } = await import('../../chain/connectChain.ts');
    const { deployContracts } = await import('../../chain/deployContracts.ts');
    const { assertDeployment, readDeployment } = await import('../../chain/deployment.ts');
    const manifest = settings.deployment;
    if (await fileExists(manifest)) assertOfDevnet(manifest, readDeployment(manifest));
    const anvil = await progress.step('start the chain', () =>
      startAnvil({
        port,
        chainId,
        accounts: accountCount,
        ...(blockTime === undefined ? {} : { blockTime }),
        ...(state === undefined ? {} : { state }),
      }),
    );
    cleanup.child(anvil.process);
    cleanup.add('the chain', anvil.stop);
    const chain = await connectChain({ rpcUrl: anvil.rpcUrl, chainId, account: devnetAccount(0) });

    /** The contracts that a chain kept from an earlier run has already. */
    const kept = async (): Promise<Deployment | undefined> => {
      if (state === undefined) return undefined;
      try {
        const deployment = readDeployment(manifest);
        await assertDeployment(chain, deployment);
        return deployment;
      } catch {
        return undefined;
      }
    };
    const deployment =
      (await kept()) ??
      (await progress.step('deploy the contracts', (update) =>
        deployContracts(chain, { onDeployed: (module, address) => update(`${module} at ${address}`) }),
      ));
    await writeWholeFile(manifest, `${JSON.stringify(deployment, null, 2)}\n`);
    const accounts = Array.from({ length: accountCount }, (_, i) => devnetAccount(i).address);
    const running = new Promise<void>((done) => anvil.process.once('close', () => done()));
    return { facts: { rpc: anvil.rpcUrl, chainId, deployment, manifest, accounts }, running };
  },
  data: ({ facts }) => facts,
  render: ({ facts: { rpc, chainId, manifest, accounts } }) =>
    `${columns([
      ['rpc', rpc],
      ['chain', String(chainId)],
      ['manifest', manifest],
      ...accounts.map((address, i) => [`account ${i}`, address]),
    ])}\n\nrunning; Ctrl-C ends it`,
  async hold({ cleanup }, { running }) {
    const ended = await Promise.race([untilAborted(cleanup.signal), running.then(() => 'ended' as const)]);
    // A terminal sends Ctrl-C to both: let the signal arrive here too before judging.
    await new Promise(setImmediate);
    if (ended === 'ended' && !cleanup.signal.aborted) {
      throw new AssayError('CLI_CHAIN_ENDED', 'the chain has ended on its own', { hint: 'Was it killed, or out of memory?' });
    }
  },
});

/** A manifest of some real chain must not be lost to a devnet. */
function assertOfDevnet(manifest: string, { chainId }: Deployment): void {
  if (chainIds.includes(chainId)) return;
  throw new AssayError('CLI_FILE_EXISTS', `${manifest} is the manifest of chain ${chainId}`, {
    hint: 'Give the devnet another file with --deployment, or another folder with --home.',
    exitCode: exitCodes.usage,
  });
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    // The chain's own process keeps this one alive meanwhile.
    else signal.addEventListener('abort', () => done(), { once: true });
  });
}
