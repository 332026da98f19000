import { z } from 'zod';
import type { Archive } from '../../node/openArchive.ts';
import type { WindowJob } from '../../node/windowJob.ts';
import type { CommandContext, InputSpecs } from './command.ts';
import { ceremonyOf, circuitCacheDirectory, roleDirectory } from './folders.ts';
import { pathSchema } from './pathSchema.ts';
import type { Settings } from './settings.ts';

/** What every command takes that looks at a job's blobs. */
export type ArchiveInput = { readonly data: readonly string[] | undefined; readonly peers: readonly string[] };

export const archiveOptions: InputSpecs<ArchiveInput> = {
  data: {
    flags: '--data <dirs...>',
    description: 'folders of nodes to read blobs from, running or not (default: those of this home)',
    schema: z.array(pathSchema).optional(),
  },
  peers: {
    flags: '--peers <multiaddr...>',
    description: 'nodes to fetch blobs from, each ending in /p2p/ and its peer id',
    schema: z.array(z.string().regex(/^\/[a-z0-9]+\//, 'expected multiaddrs, as /ip4/127.0.0.1/tcp/4001')).default([]),
  },
};

/** Opens the archive that settings and options lead to; it is closed at the end of the command. */
export async function openCommandArchive({ settings, cleanup }: CommandContext, input: ArchiveInput): Promise<Archive> {
  const { readDeployment } = await import('../../chain/deployment.ts');
  const { openArchive } = await import('../../node/openArchive.ts');
  const archive = await openArchive({
    rpcUrl: settings.rpc,
    deployment: readDeployment(settings.deployment),
    stores: input.data ?? (['requester', 'validator', 'worker'] as const).map((role) => roleDirectory(settings, role)),
    peers: input.peers,
    signal: cleanup.signal,
  });
  cleanup.add('the archive', archive.close);
  return archive;
}

/** What building a circuit needs of the settings. */
export function circuitSettings(settings: Settings): {
  readonly ceremony: { directory: string; publicDirectory?: string };
  readonly circuitDirectory: string;
} {
  return { ceremony: ceremonyOf(settings), circuitDirectory: circuitCacheDirectory(settings) };
}

/** Fetches and checks a job's circuit, data set and genesis, with progress; closed at the end of the command. */
export async function openArchivedJob(context: CommandContext, archive: Archive, jobId: bigint): Promise<WindowJob> {
  const { openWindowJob } = await import('../../node/windowJob.ts');
  const job = await context.progress.step(`material of job ${jobId}`, (update) =>
    openWindowJob(
      archive,
      {
        ...circuitSettings(context.settings),
        emit(event) {
          if (event.event === 'preparing') update(event.what);
        },
      },
      jobId,
    ),
  );
  context.cleanup.add('the job', job.close);
  return job;
}
