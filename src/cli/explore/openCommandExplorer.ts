import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AssayError, exitCodes } from '../../errors.ts';
import type { Explorer } from '../../explorer/explorer.ts';
import { circuitSettings } from '../framework/archiveOptions.ts';
import type { CommandContext } from '../framework/command.ts';
import { explorerDirectory, roleDirectory } from '../framework/folders.ts';
import { readVersion } from '../framework/readVersion.ts';
import type { ExploreInput } from './exploreOptions.ts';

/**
 * Opens the index of the deployment in the settings and, unless told otherwise, waits until it has come to the chain's head, with progress. It is closed
 * at the end of the command.
 *
 * @throws those of openExplorer; CHAIN_DEPLOYMENT_MISSING
 */
export async function openCommandExplorer(
  context: CommandContext,
  input: Pick<ExploreInput, 'sync' | 'rebuild' | 'index'>,
): Promise<Explorer> {
  const { settings, progress, cleanup } = context;
  const { readDeployment } = await import('../../chain/deployment.ts');
  const { openExplorer } = await import('../../explorer/openExplorer.ts');
  const deployment = readDeployment(settings.deployment);
  const directory = input.index ?? explorerDirectory(settings, deployment);
  // Only what the explorer has made there: a folder that somebody names may hold other things.
  if (input.rebuild) await rm(join(directory, 'index'), { recursive: true, force: true });
  const explorer = await openExplorer({
    rpcUrl: settings.rpc,
    deployment,
    directory,
    version: readVersion(),
    circuits: circuitSettings(settings),
    stores: (['requester', 'validator', 'worker'] as const).map((role) => roleDirectory(settings, role)),
  });
  cleanup.add('the index', () => explorer.close());
  if (!input.sync) return explorer;
  // Where it is up to date already there is nothing to tell.
  const { indexed, head } = await explorer.status();
  if (indexed === null || indexed !== head) await progress.step('bring the index up to date', (update) => catchUp(explorer, update));
  return explorer;
}

/** How long the node may fail before a command gives up. */
const patienceMs = 10_000;

/** Waits for the head of the chain, or until the node has not answered for a while. */
async function catchUp(explorer: Explorer, update: (text: string) => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let well = Date.now();
  const failed = new Promise<never>((_, reject) => {
    timer = setInterval(async () => {
      const status = await explorer.status().catch(() => undefined);
      if (status === undefined) return;
      const { indexed, firstBlock, head, error } = status;
      if (head !== null) update(`block ${indexed ?? firstBlock} of ${head}`);
      if (error === null && head !== null) well = Date.now();
      else if (Date.now() - well > patienceMs) {
        const { code, message } = error ?? { code: 'CHAIN_RPC_UNREACHABLE', message: 'the node does not answer' };
        reject(new AssayError(code, message, { hint: '--no-sync shows what is indexed.', exitCode: exitCodes.network }));
      }
    }, 250);
  });
  try {
    await Promise.race([explorer.ready(), failed]);
  } finally {
    clearInterval(timer);
  }
}
