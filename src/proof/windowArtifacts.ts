import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesToHex, type Hex, hexToBytes, keccak256 } from 'viem';
import { circuitId, encodeShape, type Shape, specId } from '../commitment/ids.ts';
import type { Srs } from '../commitment/srs.ts';
import { AssayError, exitCodes } from '../errors.ts';
import { lockedHash } from './artifactLock.ts';
import { type EnsureSrsParameters, ensureSrs } from './ceremony.ts';
import type { WindowInstance } from './circuitInstance.ts';
import { type CompiledCircuit, compileCircuit } from './compileCircuit.ts';
import { type ContractCode, codeHash, compileSolidity } from './compileSolidity.ts';
import { withFileLock } from './fileLock.ts';
import { circuitSize, createUltraHonk, honkProofBytes } from './ultrahonk.ts';

/** Everything that proving and verifying windows of one circuit instance needs, under one SRS. */
export type WindowArtifacts = {
  readonly instance: WindowInstance;
  readonly program: CompiledCircuit;
  readonly srs: Srs;
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
  readonly instance: WindowInstance;
  readonly ceremony: Omit<EnsureSrsParameters, 'points'>;
  /** Folder of compiled circuits, keys and verifiers, shared between processes. */
  readonly cacheDirectory: string;
  readonly onCompile?: () => void;
};

/**
 * Compiles (or takes from the cache) a window circuit, its verifying key and its verifier contract, and finds or makes the SRS for them.
 *
 * @throws those of compileCircuit and ensureSrs; ARTIFACT_CORRUPT, ARTIFACT_MISMATCH for keys and code
 */
export async function buildWindowArtifacts(parameters: BuildWindowArtifactsParameters): Promise<WindowArtifacts> {
  const { instance, ceremony, cacheDirectory } = parameters;
  const program = await compileCircuit(parameters);
  const prefix = join(cacheDirectory, `${instance.name}-${program.hash.slice(0, 16)}`);
  const size = await cached(`${prefix}.size.json`, () => circuitSize(program));
  const srs = await ensureSrs({ ...ceremony, points: 2 ** Math.max(size.logSize, instance.blockLog) + 1 });
  const keys = await cached(`${prefix}-${srs.id.slice(2, 18)}.keys.json`, () => makeKeys(program, srs));
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
    honkProofBytes: honkProofBytes(size.logSize),
    g2Tau: srs.g2Tau,
  };
  return {
    instance,
    program,
    srs,
    gates: size.gates,
    logSize: size.logSize,
    verifyingKey,
    honkVerifier: keys.honkVerifier,
    shape,
    shapeBytes: encodeShape(shape),
  };
}

/** The circuit id under a window verifier of this runtime code. */
export function circuitIdOf(
  artifacts: Pick<WindowArtifacts, 'verifyingKey' | 'honkVerifier' | 'shapeBytes'>,
  windowVerifierRuntime: Hex,
): Hex {
  return circuitId('train-window', {
    verifyingKey: artifacts.verifyingKey,
    proofVerifierCodeHash: codeHash(artifacts.honkVerifier),
    statementVerifierCodeHash: keccak256(windowVerifierRuntime),
    shape: artifacts.shapeBytes,
  });
}

type Keys = { readonly verifyingKey: Hex; readonly honkVerifier: ContractCode };

async function makeKeys(program: CompiledCircuit, srs: Srs): Promise<Keys> {
  const honk = await createUltraHonk({ srs });
  try {
    const verifyingKey = await honk.verifyingKey(program);
    const honkVerifier = compileSolidity(await honk.solidityVerifier(verifyingKey), 'HonkVerifier');
    return { verifyingKey: bytesToHex(verifyingKey), honkVerifier };
  } finally {
    await honk.close();
  }
}

/** The value in the file at `path`, which carries its own hash; made under a lock where there is none. */
async function cached<T>(path: string, make: () => Promise<T>): Promise<T> {
  const read = async (): Promise<T | undefined> => {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    try {
      const { hash, value } = JSON.parse(text) as { hash: string; value: T };
      if (hash === sha256(JSON.stringify(value))) return value;
    } catch {
      // Falls through: unreadable is as damaged as altered.
    }
    throw new AssayError('ARTIFACT_CORRUPT', 'an artifact in the cache is damaged', {
      details: path,
      exitCode: exitCodes.artifactMismatch,
      hint: 'Delete the file; it is made again.',
    });
  };
  const found = await read();
  if (found !== undefined) return found;
  return withFileLock(`${path}.lock`, async () => {
    const madeMeanwhile = await read();
    if (madeMeanwhile !== undefined) return madeMeanwhile;
    const value = await make();
    await writeFile(`${path}.partial`, JSON.stringify({ hash: sha256(JSON.stringify(value)), value }));
    await rename(`${path}.partial`, path);
    return value;
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
