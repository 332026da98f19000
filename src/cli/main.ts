import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { commands, groups } from './commands.ts';
import { runCommandLine } from './framework/program.ts';

/** The package's version, from the package.json nearest above (sources and build lie at different depths). */
function readVersion(): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    try {
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name?: string; version?: string };
      if (name === 'assay' && version !== undefined) return version;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    if (folder === dirname(folder)) throw new Error('no package.json of assay above this file');
  }
}

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
