import { commands, groups } from './commands.ts';
import { runCommandLine } from './framework/program.ts';
import { readVersion } from './framework/readVersion.ts';

/** Runs the command line and ends the process with its exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  // A reader that closes early (`assay ... | head`) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  const exitCode = await runCommandLine(argv, { version: readVersion(), groups, commands });
  process.exitCode = exitCode;
  // Native back ends leave threads and sockets behind that would hold the process open: leave once stdout is drained.
  await new Promise<void>((done) => process.stdout.write('', () => done()));
  process.exit(exitCode);
}

if (import.meta.main === true) await main(process.argv);
