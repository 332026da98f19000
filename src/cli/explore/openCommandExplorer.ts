import { rm } from 'node:fs/promises';
import { join } from 'node:path';
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
  // Thrown away is a folder of its own only: one that somebody names may hold other things.
  const directory = input.index === undefined ? explorerDirectory(settings, deployment) : join(input.index, 'index');
  if (input.rebuild) await rm(directory, { recursive: true, force: true });
  const explorer = await openExplorer({
    rpcUrl: settings.rpc,
    deployment,
    directory,
    version: readVersion(),
    ...circuitSettings(settings),
    archive: { stores: (['requester', 'validator', 'worker'] as const).map((role) => roleDirectory(settings, role)), peers: [] },
  });
  cleanup.add('the index', () => explorer.close());
  if (!input.sync) return explorer;
  // What is there already takes no line of progress.
  const { indexed, head } = await explorer.status();
  if (indexed !== null && indexed === head) return explorer;
  await progress.step('bring the index up to date', async (update) => {
    const tell = setInterval(async () => {
      const now = await explorer.status().catch(() => undefined);
      if (now?.head != null) update(`block ${now.indexed ?? now.firstBlock} of ${now.head}`);
    }, 250);
    try {
      await explorer.ready();
    } finally {
      clearInterval(tell);
    }
  });
  return explorer;
}
