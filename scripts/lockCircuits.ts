/**
 * Builds circuits under the dev ceremony and writes, or checks, their hashes in circuits/artifacts.lock.json.
 *
 *     npm run -s circuits:lock                      builds every circuit of circuits.json and writes the lock
 *     npm run -s circuits:lock -- --check [NAME...] builds those circuits anew (default: all) and compares; exit code 6 on a difference
 *
 * Circuits are compiled in a folder made for this run: nothing comes from a cache, and a second compilation elsewhere must agree.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { hexToBytes } from 'viem';
import { AssayError, exitCodes } from '../src/errors.ts';
import type { ArtifactLock } from '../src/proof/artifactLock.ts';
import { listWindowCircuits, type WindowInstance } from '../src/proof/circuitInstance.ts';
import { buildWindowArtifacts } from '../src/proof/windowArtifacts.ts';

const root = resolve(import.meta.dirname, '..');
const lockPath = join(root, 'circuits/artifacts.lock.json');
const tools = ['@noir-lang/noir_wasm', '@aztec/bb.js', 'solc'];

const args = process.argv.slice(2);
const check = args[0] === '--check';
const names = check ? args.slice(1) : args;
if (!check && names.length > 0) {
  console.error('usage: npm run -s circuits:lock [-- --check [NAME...]]');
  process.exit(exitCodes.usage);
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const ceremony = join(process.env['ASSAY_CACHE'] ?? join(process.env['ASSAY_HOME'] ?? join(homedir(), '.assay'), 'cache'), 'ceremony');

async function versions(): Promise<Record<string, string>> {
  const { dependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
  return Object.fromEntries(tools.map((tool) => [tool, dependencies[tool] as string]));
}

async function build(instance: WindowInstance): Promise<ArtifactLock['circuits'][string]> {
  const folder = await mkdtemp(join(tmpdir(), 'assay-lock-'));
  const started = performance.now();
  try {
    const made = await buildWindowArtifacts({ instance, ceremony: { directory: ceremony }, cacheDirectory: folder });
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.error(`${instance.name}: ${made.gates} gates, 2^${made.logSize}, ${seconds} s`);
    return {
      program: made.program.hash,
      devVerifyingKey: sha256(made.verifyingKey),
      devVerifierCode: sha256(hexToBytes(made.honkVerifier.runtime)),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const before = JSON.parse(await readFile(lockPath, 'utf8')) as ArtifactLock;
// What is built to be locked must not be held against the lock that it replaces.
if (!check) await writeFile(lockPath, `${JSON.stringify({ version: 1, tools: {}, circuits: {} })}\n`);
try {
  const all = await listWindowCircuits();
  const unknown = names.filter((name) => !all.some((instance) => instance.name === name));
  if (unknown.length > 0)
    throw new AssayError('CIRCUIT_UNKNOWN', `there is no circuit ${unknown.join(', ')}`, { exitCode: exitCodes.usage });
  const circuits: Record<string, ArtifactLock['circuits'][string]> = {};
  for (const instance of all) {
    if (check && names.length > 0 && !names.includes(instance.name)) continue;
    if (check && before.circuits[instance.name] === undefined) {
      throw new AssayError('ARTIFACT_MISMATCH', `${instance.name} is not in the lock`, { exitCode: exitCodes.artifactMismatch });
    }
    circuits[instance.name] = await build(instance);
  }
  if (check) {
    const now = await versions();
    if (JSON.stringify(now) !== JSON.stringify(before.tools)) {
      throw new AssayError('ARTIFACT_MISMATCH', 'the lock was made with other tools', { exitCode: exitCodes.artifactMismatch });
    }
    console.log(`${Object.keys(circuits).length} circuits agree with the lock`);
  } else {
    const lock: ArtifactLock = { version: 1, tools: await versions(), circuits };
    await writeFile(lockPath, `${JSON.stringify(lock, null, 2)}\n`);
    console.log(`wrote ${lockPath}`);
  }
} catch (error) {
  if (!check) await writeFile(lockPath, `${JSON.stringify(before, null, 2)}\n`);
  console.error(
    error instanceof AssayError ? `${error.code}: ${error.message}${error.details === undefined ? '' : `\n${error.details}`}` : error,
  );
  process.exit(error instanceof AssayError ? error.exitCode : exitCodes.failure);
}
process.exit(0);
