/**
 * Builds circuits under the dev ceremony and writes, or checks, their hashes in circuits/artifacts.lock.json.
 *
 *     npm run -s circuits:lock -- [NAME...]         builds those circuits of circuits.json (default: all) and writes them into the lock
 *     npm run -s circuits:lock -- --check [NAME...] builds those circuits anew (default: all that are locked) and compares; exit code 6 on a difference
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
import { type CircuitInstance, listCircuits } from '../src/proof/circuitInstance.ts';
import { buildGroth16Artifacts } from '../src/proof/groth16/groth16Artifacts.ts';
import { hashFile } from '../src/proof/groth16/hashFile.ts';
import { buildHonkArtifacts } from '../src/proof/honkArtifacts.ts';

const root = resolve(import.meta.dirname, '..');
const lockPath = join(root, 'circuits/artifacts.lock.json');
const tools = ['@noir-lang/noir_wasm', '@aztec/bb.js', 'solc', 'circom2', 'snarkjs'];

const args = process.argv.slice(2);
const check = args[0] === '--check';
const names = check ? args.slice(1) : args;

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const ceremony = join(process.env['ASSAY_CACHE'] ?? join(process.env['ASSAY_HOME'] ?? join(homedir(), '.assay'), 'cache'), 'ceremony');

async function versions(): Promise<Record<string, string>> {
  const { dependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
  return Object.fromEntries(tools.map((tool) => [tool, dependencies[tool] as string]));
}

async function build(instance: CircuitInstance): Promise<ArtifactLock['circuits'][string]> {
  const folder = await mkdtemp(join(tmpdir(), 'assay-lock-'));
  const started = performance.now();
  const done = (size: string): void => console.error(`${instance.name}: ${size}, ${((performance.now() - started) / 1000).toFixed(1)} s`);
  try {
    const parameters = { ceremony: { directory: ceremony }, cacheDirectory: folder };
    if (instance.system === 'circom') {
      const made = await buildGroth16Artifacts({ instance, ...parameters });
      done(`${made.constraints} constraints`);
      return { program: made.program.hash, devVerifyingKey: sha256(made.keyBytes), devProvingKey: await hashFile(made.zkeyPath, 'sha256') };
    }
    const made = await buildHonkArtifacts({ instance, ...parameters });
    done(`${made.gates} gates, 2^${made.logSize}`);
    return {
      program: made.program.hash,
      devVerifyingKey: sha256(made.verifyingKey),
      devVerifierCode: sha256(hexToBytes(made.honkVerifier.runtime)),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const readLock = async (): Promise<ArtifactLock> => JSON.parse(await readFile(lockPath, 'utf8')) as ArtifactLock;
const writeLock = (lock: ArtifactLock): Promise<void> => writeFile(lockPath, `${JSON.stringify(lock, null, 2)}\n`);

const before = await readLock();
const all = await listCircuits();
const chosen = all.filter(({ name }) => (names.length > 0 ? names.includes(name) : !check || before.circuits[name] !== undefined));
const kept = Object.fromEntries(Object.entries(before.circuits).filter(([name]) => names.length > 0 && !names.includes(name)));
// What is built to be locked must not be held against the lock that it replaces.
if (!check) await writeLock({ ...before, circuits: kept });
try {
  const unknown = names.filter((name) => !all.some((instance) => instance.name === name));
  if (unknown.length > 0)
    throw new AssayError('CIRCUIT_UNKNOWN', `there is no circuit ${unknown.join(', ')}`, { exitCode: exitCodes.usage });
  const circuits: Record<string, ArtifactLock['circuits'][string]> = {};
  for (const instance of chosen) {
    const locked = before.circuits[instance.name];
    if (check && locked === undefined) {
      throw new AssayError('ARTIFACT_MISMATCH', `${instance.name} is not in the lock`, { exitCode: exitCodes.artifactMismatch });
    }
    circuits[instance.name] = await build(instance);
    if (check && JSON.stringify(circuits[instance.name]) !== JSON.stringify(locked)) {
      throw new AssayError('ARTIFACT_MISMATCH', `${instance.name} differs from the lock`, { exitCode: exitCodes.artifactMismatch });
    }
  }
  if (check) {
    if (JSON.stringify(await versions()) !== JSON.stringify(before.tools)) {
      throw new AssayError('ARTIFACT_MISMATCH', 'the lock was made with other tools', { exitCode: exitCodes.artifactMismatch });
    }
    console.log(`${Object.keys(circuits).length} circuits agree with the lock`);
  } else {
    // In the registry's order. Read again: another run may have locked others meanwhile.
    const merged = { ...(await readLock()).circuits, ...circuits };
    const ordered = all.flatMap(({ name }) => (merged[name] === undefined ? [] : [[name, merged[name]]]));
    await writeLock({ version: 1, tools: await versions(), circuits: Object.fromEntries(ordered) });
    console.log(`wrote ${lockPath}`);
  }
} catch (error) {
  if (!check) await writeLock({ ...before, circuits: { ...before.circuits, ...(await readLock()).circuits } });
  console.error(
    error instanceof AssayError ? `${error.code}: ${error.message}${error.details === undefined ? '' : `\n${error.details}`}` : error,
  );
  process.exit(error instanceof AssayError ? error.exitCode : exitCodes.failure);
}
process.exit(0);
