import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AssayError, exitCodes } from '../errors.ts';
import { assertLocked } from './artifactLock.ts';
import { auditSource } from './audit/circuit.ts';
import type { CircuitInstance } from './circuitInstance.ts';
import { withFileLock } from './fileLock.ts';
import { noirInferenceSource } from './inference/noirCircuit.ts';
import { membershipSource } from './membership/circuit.ts';
import { packagePath } from './packagePath.ts';
import { wellFormedSource } from './wellFormed/circuit.ts';
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
  readonly instance: CircuitInstance;
  /** Folder of compiled artifacts, shared between processes. */
  readonly cacheDirectory: string;
  /** Called once when compiling is needed (it takes seconds to minutes). */
  readonly onCompile?: () => void;
};

/** Version of the Noir compiler that the package pins; part of the cache key. */
export const noirVersion = '1.0.0-beta.26';

/**
 * Compiles a Noir circuit, or takes it from the cache. The cache key is the hash of every source that the circuit reaches and of the compiler's
 * version.
 *
 * @throws CIRCUIT_SYSTEM for a circom instance, those of the instance's generator; CIRCUIT_COMPILE_FAILED, ARTIFACT_CORRUPT (damaged cache file), ARTIFACT_MISMATCH (differs from circuits/artifacts.lock.json)
 */
export async function compileCircuit(parameters: CompileCircuitParameters): Promise<CompiledCircuit> {
  const { instance, cacheDirectory, onCompile } = parameters;
  const { source, library, path } = await cacheEntry(instance, cacheDirectory);
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
    await assertLocked(instance.name, 'program', hash);
    await writeFile(`${path}.partial`, JSON.stringify({ hash, bytecode, abi }));
    await rename(`${path}.partial`, path);
    await rm(folder, { recursive: true, force: true });
    return { name: instance.name, bytecode, abi, hash, compileSeconds: (performance.now() - started) / 1000 };
  });
}

/** Where the circuit lies once it is compiled. @throws those of the instance's generator */
export async function compiledCircuitPath(instance: CircuitInstance, cacheDirectory: string): Promise<string> {
  return (await cacheEntry(instance, cacheDirectory)).path;
}

async function cacheEntry(
  instance: CircuitInstance,
  cacheDirectory: string,
): Promise<{ source: string; library: Record<string, string>; path: string }> {
  const source = noirSource(instance);
  const library = await librarySources(source);
  const key = sha256(JSON.stringify({ noirVersion, source, library })).slice(0, 32);
  return { source, library, path: join(cacheDirectory, `${instance.name}-${key}.json`) };
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
  await assertLocked(name, 'program', parsed.hash);
  return { name, bytecode: parsed.bytecode, abi: parsed.abi, hash: parsed.hash, compileSeconds: 0 };
}

function programHash(bytecode: string, abi: unknown): string {
  return sha256(JSON.stringify({ abi, bytecode }));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Noir source of an instance's `main.nr`. @throws CIRCUIT_SYSTEM, those of the statement's generator */
export function noirSource(instance: CircuitInstance): string {
  if (instance.statement === 'train-window') return windowCircuitSource(instance);
  if (instance.statement === 'well-formed') return wellFormedSource(instance);
  if (instance.statement === 'audit') return auditSource(instance);
  if (instance.statement === 'membership') return membershipSource(instance);
  if (instance.system === 'noir') return noirInferenceSource(instance);
  throw new AssayError('CIRCUIT_SYSTEM', `${instance.name} is a circom circuit`, { hint: 'Noir does not compile it.' });
}

/**
 * Files of circuits/noir/lib that a `main.nr` reaches, by relative name, in a fixed order; lib.nr names these modules alone. So a new module
 * leaves the circuits as they are that know nothing of it.
 */
export async function librarySources(source: string): Promise<Record<string, string>> {
  const folder = packagePath('circuits/noir/lib');
  const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
  const modules = new Map<string, string>();
  const queue = modulesUsed(source, 'assay');
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (modules.has(name)) continue;
    const text = await read(`src/${name}.nr`);
    modules.set(name, text);
    queue.push(...modulesUsed(text, 'crate'));
  }
  const names = [...modules.keys()].sort();
  return {
    'Nargo.toml': await read('Nargo.toml'),
    'src/lib.nr': names.map((name) => `pub mod ${name};\n`).join(''),
    ...Object.fromEntries(names.map((name) => [`src/${name}.nr`, modules.get(name) as string])),
  };
}

/** Modules that `use root::{one, two}` and `use root::three::...` name. */
function modulesUsed(text: string, root: 'assay' | 'crate'): string[] {
  const plain = text.replace(/\/\/.*$/gm, '');
  const grouped = [...plain.matchAll(new RegExp(`\\buse ${root}::\\{([^}]*)\\}`, 'g'))].flatMap(([, list]) => (list as string).split(','));
  // Paths in the code itself count as well.
  const single = [...plain.matchAll(new RegExp(`\\b${root}::(\\w+)`, 'g'))].map(([, name]) => name as string);
  return [...grouped, ...single].map((name) => name.trim().split('::')[0] as string).filter((name) => name !== '');
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
