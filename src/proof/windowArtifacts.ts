import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Hex, hexToBytes, keccak256 } from 'viem';
import { circuitId, encodeShape, type Shape, specId } from '../commitment/ids.ts';
import type { Srs } from '../commitment/srs.ts';
import { AssayError, exitCodes } from '../errors.ts';
import { lockedHash } from './artifactLock.ts';
import type { CircuitInstance } from './circuitInstance.ts';
import { type CompiledCircuit, compileCircuit } from './compileCircuit.ts';
import { type ContractCode, codeHash, compileSolidity } from './compileSolidity.ts';
import { withFileLock } from './fileLock.ts';
import { createUltraHonk, honkProofBytes } from './ultrahonk.ts';

/** Everything that proving and verifying windows of one circuit instance needs, under one SRS. */
export type WindowArtifacts = {
  readonly instance: CircuitInstance;
  readonly program: CompiledCircuit;
  readonly gates: number;
  /** The circuit pads to 2^logSize rows. */
  readonly logSize: number;
  readonly verifyingKey: Uint8Array;
  /** The generated UltraHonk verifier contract. */
  readonly honkVerifier: ContractCode;
  readonly shape: Shape;
  /** The shape as the window verifier takes it. */
  readonly shapeBytes: Hex;
};

export type BuildWindowArtifactsParameters = {
  readonly instance: CircuitInstance;
  readonly srs: Srs;
  readonly cacheDirectory: string;
  readonly onCompile?: () => void;
};

/** G1 points that a circuit of 2^logSize rows needs of the SRS. */
export function srsPoints(logSize: number): number {
  return 2 ** logSize + 1;
}

/**
 * Compiles (or takes from the cache) a window circuit, its verifying key and its verifier contract.
 *
 * @throws those of compileCircuit; SRS_TOO_SMALL; ARTIFACT_CORRUPT, ARTIFACT_MISMATCH for keys and code
 */
export async function buildWindowArtifacts(parameters: BuildWindowArtifactsParameters): Promise<WindowArtifacts> {
  const { instance, srs, cacheDirectory } = parameters;
  const program = await compileCircuit(parameters);
  const path = join(cacheDirectory, `${instance.name}-${program.hash.slice(0, 16)}-${srs.id.slice(2, 18)}.keys.json`);
  const keys = (await readKeys(path)) ?? (await withFileLock(`${path}.lock`, async () => (await readKeys(path)) ?? makeKeys(path, program, srs)));
  if (srs.count < srsPoints(keys.logSize)) {
    throw new AssayError('SRS_TOO_SMALL', `${instance.name} has ${keys.gates} gates and needs an SRS of ${srsPoints(keys.logSize)} points`, {
      exitCode: exitCodes.artifactMismatch,
    });
  }
  const verifyingKey = hexToBytes(keys.verifyingKey);
  if (srs.profile === 'dev') {
    await assertLocked(instance.name, 'devVerifyingKey', verifyingKey);
    await assertLocked(instance.name, 'devVerifierCode', hexToBytes(keys.honkVerifier.runtime));
  }
  const shape: Shape = {
    specId: specId(instance.spec),
    srsId: srs.id,
    blockLog: instance.blockLog,
    sizes: instance.sizes,
    batch: 2 ** instance.spec.lb,
    steps: instance.steps,
    treeDepth: instance.treeDepth,
    honkProofBytes: honkProofBytes(keys.logSize),
    g2Tau: srs.g2Tau,
  };
  return {
    instance,
    program,
    gates: keys.gates,
    logSize: keys.logSize,
    verifyingKey,
    honkVerifier: keys.honkVerifier,
    shape,
    shapeBytes: encodeShape(shape),
  };
}

/** The circuit id under a window verifier of this runtime code. */
export function circuitIdOf(artifacts: Pick<WindowArtifacts, 'verifyingKey' | 'honkVerifier' | 'shapeBytes'>, windowVerifierRuntime: Hex): Hex {
  return circuitId({
    verifyingKey: artifacts.verifyingKey,
    honkVerifierCodeHash: codeHash(artifacts.honkVerifier),
    windowVerifierCodeHash: keccak256(windowVerifierRuntime),
    shape: artifacts.shapeBytes,
  });
}

type Keys = { readonly gates: number; readonly logSize: number; readonly verifyingKey: Hex; readonly honkVerifier: ContractCode };

async function makeKeys(path: string, program: CompiledCircuit, srs: Srs): Promise<Keys> {
  const honk = await createUltraHonk({ srs });
  try {
    const { gates, logSize } = await honk.stats(program);
    if (srs.count < srsPoints(logSize)) {
      throw new AssayError('SRS_TOO_SMALL', `${program.name} has ${gates} gates and needs an SRS of ${srsPoints(logSize)} points, not ${srs.count}`, {
        exitCode: exitCodes.artifactMismatch,
      });
    }
    const verifyingKey = await honk.verifyingKey(program);
    const honkVerifier = compileSolidity(await honk.solidityVerifier(verifyingKey), 'HonkVerifier');
    const keys: Keys = { gates, logSize, verifyingKey: `0x${Buffer.from(verifyingKey).toString('hex')}`, honkVerifier };
    await writeFile(`${path}.partial`, JSON.stringify({ hash: sha256(JSON.stringify(keys)), keys }));
    await rename(`${path}.partial`, path);
    return keys;
  } finally {
    await honk.close();
  }
}

async function readKeys(path: string): Promise<Keys | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
  try {
    const { hash, keys } = JSON.parse(text) as { hash: string; keys: Keys };
    if (hash === sha256(JSON.stringify(keys))) return keys;
  } catch {
    // Falls through: unreadable is as damaged as altered.
  }
  throw new AssayError('ARTIFACT_CORRUPT', 'a verifying key in the cache is damaged', {
    details: path,
    exitCode: exitCodes.artifactMismatch,
    hint: 'Delete the file; it is made again.',
  });
}

async function assertLocked(name: string, artifact: 'devVerifyingKey' | 'devVerifierCode', bytes: Uint8Array): Promise<void> {
  const expected = await lockedHash(name, artifact);
  const actual = sha256(bytes);
  if (expected !== undefined && expected !== actual) {
    throw new AssayError('ARTIFACT_MISMATCH', `${artifact} of ${name} differs from circuits/artifacts.lock.json`, {
      details: `expected ${expected}, got ${actual}`,
      exitCode: exitCodes.artifactMismatch,
      hint: 'Reinstall the package and delete the artifact cache.',
    });
  }
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
