import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AssayError, exitCodes } from '../errors.ts';
import { lockedHash } from './artifactLock.ts';
import type { WindowInstance } from './circuitInstance.ts';
import { withFileLock } from './fileLock.ts';
import { packagePath } from './packagePath.ts';
import { windowCircuitSource } from './windowCircuit.ts';

/** A compiled circuit: what the prover and the witness solver need, and nothing that names this machine. */
export type CompiledCircuit = {
  readonly name: string;
  /** gzipped ACIR, base64, as noir_js takes it. */
  readonly bytecode: string;
  readonly abi: unknown;
  /** sha256 over abi and bytecode. */
  readonly hash: string;
  /** Seconds that compiling took here; 0 where it came from the cache. */
  readonly compileSeconds: number;
};

export type CompileCircuitParameters = {
  readonly instance: WindowInstance;
  /** Folder of compiled artifacts, shared between processes. */
  readonly cacheDirectory: string;
  /** Called once when compiling is needed (it takes seconds to minutes). */
  readonly onCompile?: () => void;
};

/** Version of the Noir compiler that the package pins; part of the cache key. */
export const noirVersion = '1.0.0-beta.26';

/**
 * Compiles a circuit, or takes it from the cache. The cache key is the hash of every source and of the compiler's version.
 *
 * @throws CIRCUIT_COMPILE_FAILED, ARTIFACT_CORRUPT (damaged cache file), ARTIFACT_MISMATCH (differs from circuits/artifacts.lock.json)
 */
export async function compileCircuit(parameters: CompileCircuitParameters): Promise<CompiledCircuit> {
  const { instance, cacheDirectory, onCompile } = parameters;
  const source = windowCircuitSource(instance);
  const library = await librarySources();
  const key = sha256(JSON.stringify({ noirVersion, source, library })).slice(0, 32);
  const path = join(cacheDirectory, `${instance.name}-${key}.json`);
  const cached = await readCached(path, instance.name);
  if (cached !== undefined) return cached;
  await mkdir(cacheDirectory, { recursive: true });
  return withFileLock(`${path}.lock`, async () => {
    const made = await readCached(path, instance.name);
    if (made !== undefined) return made;
    onCompile?.();
    const started = performance.now();
    const folder = `${path}.build`;
    await rm(folder, { recursive: true, force: true });
    await mkdir(join(folder, 'main', 'src'), { recursive: true });
    await mkdir(join(folder, 'lib', 'src'), { recursive: true });
    await writeFile(join(folder, 'main', 'src', 'main.nr'), source);
    await writeFile(
      join(folder, 'main', 'Nargo.toml'),
      '[package]\nname = "main"\ntype = "bin"\nauthors = [""]\n\n[dependencies]\nassay = { path = "../lib" }\n',
    );
    for (const [name, text] of Object.entries(library)) await writeFile(join(folder, 'lib', name), text);
    const output = join(folder, 'program.json');
    await runCompiler(join(folder, 'main'), output, instance.name);
    const { bytecode, abi } = JSON.parse(await readFile(output, 'utf8')) as { bytecode: string; abi: unknown };
    const hash = programHash(bytecode, abi);
    await assertLocked(instance.name, hash);
    await writeFile(`${path}.partial`, JSON.stringify({ hash, bytecode, abi }));
    await rename(`${path}.partial`, path);
    await rm(folder, { recursive: true, force: true });
    return { name: instance.name, bytecode, abi, hash, compileSeconds: (performance.now() - started) / 1000 };
  });
}

async function readCached(path: string, name: string): Promise<CompiledCircuit | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
  let parsed: { hash: string; bytecode: string; abi: unknown } | undefined;
  try {
    parsed = JSON.parse(text) as typeof parsed;
  } catch {
    parsed = undefined;
  }
  if (parsed === undefined || parsed.hash !== programHash(parsed.bytecode, parsed.abi)) {
    throw new AssayError('ARTIFACT_CORRUPT', `the compiled circuit ${name} in the cache is damaged`, {
      details: path,
      exitCode: exitCodes.artifactMismatch,
      hint: 'Delete the file; it is compiled again.',
    });
  }
  await assertLocked(name, parsed.hash);
  return { name, bytecode: parsed.bytecode, abi: parsed.abi, hash: parsed.hash, compileSeconds: 0 };
}

async function assertLocked(name: string, hash: string): Promise<void> {
  const expected = await lockedHash(name, 'program');
  if (expected !== undefined && expected !== hash) {
    throw new AssayError('ARTIFACT_MISMATCH', `the compiled circuit ${name} differs from circuits/artifacts.lock.json`, {
      details: `expected ${expected}, got ${hash}`,
      exitCode: exitCodes.artifactMismatch,
      hint: 'Reinstall the package, or, after changing a circuit on purpose, run `npm run -s circuits:lock`.',
    });
  }
}

function programHash(bytecode: string, abi: unknown): string {
  return sha256(JSON.stringify({ abi, bytecode }));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Files of circuits/noir/lib by relative name, in a fixed order. */
async function librarySources(): Promise<Record<string, string>> {
  const folder = packagePath('circuits/noir/lib');
  const names = ['Nargo.toml', ...(await readdir(join(folder, 'src'))).filter((name) => name.endsWith('.nr')).map((name) => `src/${name}`)];
  const entries: Record<string, string> = {};
  for (const name of names.sort()) entries[name] = await readFile(join(folder, name), 'utf8');
  return entries;
}

/** Compiles in a child process: the compiler prints to stdout and keeps gigabytes of WASM memory. */
function runCompiler(folder: string, output: string, name: string): Promise<void> {
  const here = fileURLToPath(import.meta.url);
  const child = fork(here.replace(/compileCircuit\.(ts|js)$/, 'compileWorker.$1'), [folder, output], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: ['--max-old-space-size=8192', '--no-warnings'],
  });
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-4000);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (code === 0) resolve();
      else
        reject(
          new AssayError('CIRCUIT_COMPILE_FAILED', `compiling ${name} failed (${signal ?? `exit code ${code}`})`, {
            details: stderr,
            hint: signal === 'SIGKILL' ? 'The machine ran out of memory: choose a smaller circuit.' : 'This is a bug: please report it.',
          }),
        );
    });
  });
}
