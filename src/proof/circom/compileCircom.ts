import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { AssayError, exitCodes } from '../../errors.ts';
import { assertLocked } from '../artifactLock.ts';
import type { InferenceInstance } from '../circuitInstance.ts';
import { withFileLock } from '../fileLock.ts';
import { packagePath } from '../packagePath.ts';
import { circomInferenceSource } from './inferenceCircuit.ts';
import { readR1csHeader } from './r1csHeader.ts';
import { runCircom } from './runCircom.ts';

/** A compiled circom circuit. */
export type CircomProgram = {
  readonly name: string;
  readonly r1cs: Uint8Array;
  /** circom's witness generator. */
  readonly wasm: Uint8Array;
  /** Where both, and `circuit.sym`, lie: `circuit.r1cs`, `circuit.wasm`. */
  readonly directory: string;
  /** sha256 over the sha256 of r1cs and wasm. */
  readonly hash: string;
  readonly constraints: number;
  readonly publicInputs: number;
  /** Seconds that compiling took here; 0 where it came from the cache. */
  readonly compileSeconds: number;
};

export type CompileCircomParameters = {
  readonly name: string;
  /** Every file by its path: `main.circom`, and what it includes. */
  readonly sources: Readonly<Record<string, string>>;
  /** Folder of compiled artifacts, shared between processes. */
  readonly cacheDirectory: string;
  /** Called once when compiling is needed (it takes seconds to minutes). */
  readonly onCompile?: () => void;
};

/** Version of the circom compiler that the package pins; part of the cache key. */
export const circomVersion = '0.2.23';

/** What of circomlib the library includes. */
const circomlibFiles = ['poseidon.circom', 'poseidon_constants.circom'];

/**
 * Compiles the circuit of an inference instance, or takes it from the cache.
 *
 * @throws those of `compileCircom` and `circomInferenceLayout`
 */
export async function buildCircomProgram(parameters: {
  readonly instance: InferenceInstance;
  readonly cacheDirectory: string;
  readonly onCompile?: () => void;
}): Promise<CircomProgram> {
  const { instance, ...rest } = parameters;
  return compileCircom({ name: instance.name, sources: await sourcesOf(instance), ...rest });
}

/** Folder in which the circuit lies once it is compiled. @throws those of `circomInferenceLayout` */
export async function compiledCircomPath(instance: InferenceInstance, cacheDirectory: string): Promise<string> {
  return cacheEntry({ name: instance.name, sources: await sourcesOf(instance), cacheDirectory });
}

async function sourcesOf(instance: InferenceInstance): Promise<Record<string, string>> {
  return { ...(await circomSources()), 'main.circom': circomInferenceSource(instance) };
}

function cacheEntry({ name, sources, cacheDirectory }: CompileCircomParameters): string {
  const key = sha256(JSON.stringify({ circomVersion, sources })).slice(0, 32);
  return join(cacheDirectory, `${name}-${key}`);
}

/**
 * Compiles a circom circuit with --O2, or takes it from the cache. The cache key is the hash of every source and of the compiler's version. Only a
 * finished compilation is ever seen in the cache: one that was cut short is begun again.
 *
 * @throws CIRCUIT_COMPILE_FAILED, ARTIFACT_CORRUPT (damaged cache file), ARTIFACT_MISMATCH (differs from circuits/artifacts.lock.json)
 */
export async function compileCircom(parameters: CompileCircomParameters): Promise<CircomProgram> {
  const { name, sources, onCompile, cacheDirectory } = parameters;
  const directory = cacheEntry(parameters);
  const cached = await readCached(directory, name);
  if (cached !== undefined) return cached;
  await mkdir(cacheDirectory, { recursive: true });
  return withFileLock(`${directory}.lock`, async () => {
    const made = await readCached(directory, name);
    if (made !== undefined) return made;
    onCompile?.();
    const started = performance.now();
    const build = `${directory}.build`;
    await rm(build, { recursive: true, force: true });
    await writeCircomSources(build, sources);
    await mkdir(join(build, 'out'));
    await runCircom(build, ['main.circom', '--r1cs', '--wasm', '--sym', '--O2', '-l', '.', '-o', 'out']);
    const finished = `${directory}.partial`;
    await rm(finished, { recursive: true, force: true });
    await mkdir(finished);
    await rename(join(build, 'out', 'main.r1cs'), join(finished, 'circuit.r1cs'));
    await rename(join(build, 'out', 'main_js', 'main.wasm'), join(finished, 'circuit.wasm'));
    await rename(join(build, 'out', 'main.sym'), join(finished, 'circuit.sym'));
    const hash = programHash(await readFile(join(finished, 'circuit.r1cs')), await readFile(join(finished, 'circuit.wasm')));
    await assertLocked(name, 'program', hash);
    await writeFile(join(finished, 'hash'), hash);
    await rename(finished, directory);
    await rm(build, { recursive: true, force: true });
    const program = await readCached(directory, name);
    if (program === undefined)
      throw new AssayError('CIRCUIT_COMPILE_FAILED', `the compiled circuit ${name} went missing`, { details: directory });
    return { ...program, compileSeconds: (performance.now() - started) / 1000 };
  });
}

/** Writes sources into a folder that circom can compile in. */
export async function writeCircomSources(folder: string, sources: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(sources)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

/** Files of circuits/circom/lib and those of circomlib that it includes, by path, in a fixed order. */
export async function circomSources(): Promise<Record<string, string>> {
  const entries: Record<string, string> = {};
  const library = packagePath('circuits/circom/lib');
  const names = (await readdir(library)).filter((name) => name.endsWith('.circom')).sort();
  for (const name of names) entries[`lib/${name}`] = await readFile(join(library, name), 'utf8');
  const require = createRequire(import.meta.url);
  for (const name of circomlibFiles) {
    const path = `circomlib/circuits/${name}`;
    entries[path] = await readFile(require.resolve(path), 'utf8');
  }
  return entries;
}

async function readCached(directory: string, name: string): Promise<CircomProgram | undefined> {
  let expected: string;
  try {
    expected = await readFile(join(directory, 'hash'), 'utf8');
  } catch {
    return undefined;
  }
  const files = await Promise.all(['circuit.r1cs', 'circuit.wasm'].map((file) => readFile(join(directory, file)).catch(() => undefined)));
  const [r1cs, wasm] = files;
  if (r1cs === undefined || wasm === undefined || programHash(r1cs, wasm) !== expected) {
    throw new AssayError('ARTIFACT_CORRUPT', `the compiled circuit ${name} in the cache is damaged`, {
      details: directory,
      exitCode: exitCodes.artifactMismatch,
      hint: 'Delete the folder; it is compiled again.',
    });
  }
  await assertLocked(name, 'program', expected);
  const { constraints, publicInputs } = readR1csHeader(r1cs);
  return { name, r1cs, wasm, directory, hash: expected, constraints, publicInputs, compileSeconds: 0 };
}

function programHash(r1cs: Uint8Array, wasm: Uint8Array): string {
  return sha256(JSON.stringify({ r1cs: sha256(r1cs), wasm: sha256(wasm) }));
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
