import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Runs the pinned `forge` on `contracts/`, offline, with the npm solc: `node scripts/forge.ts test -vv`. */
function forgeBinary(): string {
  try {
    const manifest = createRequire(import.meta.url).resolve('@foundry-rs/forge-linux-amd64/package.json');
    const binary = join(dirname(manifest), 'bin', 'forge');
    if (existsSync(binary)) return binary;
  } catch {
    // Not installed for this platform: fall through to the one on the PATH.
  }
  return 'forge';
}

const root = fileURLToPath(new URL('..', import.meta.url));
const child = spawn(forgeBinary(), process.argv.slice(2), {
  cwd: root,
  stdio: 'inherit',
  env: {
    ...process.env,
    NO_COLOR: '1',
    FOUNDRY_CONFIG: join(root, 'contracts', 'foundry.toml'),
    FOUNDRY_OFFLINE: 'true',
    FOUNDRY_DISABLE_NIGHTLY_WARNING: '1',
    PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`,
  },
});
child.on('error', (error) => {
  process.stderr.write(
    `forge did not start (${error.message}). Install the optional dependency @foundry-rs/forge-linux-amd64, or put forge 1.7 on the PATH.\n`,
  );
  process.exitCode = 1;
});
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === null ? 1 : 130);
});
