import { join } from 'node:path';
import { bytesToHex, type Hex, hexToBytes } from 'viem';
import type { Srs } from '../commitment/srs.ts';
import { cached } from './artifactCache.ts';
import { assertLocked } from './artifactLock.ts';
import { type EnsureSrsParameters, ensureSrs } from './ceremony.ts';
import type { CircuitInstance } from './circuitInstance.ts';
import { type CompiledCircuit, compileCircuit } from './compileCircuit.ts';
import { type ContractCode, compileSolidity } from './compileSolidity.ts';
import { type CircuitSize, circuitSize, createUltraHonk } from './ultrahonk.ts';

/** Everything of a Noir circuit that does not depend on its statement, under one SRS. */
export type HonkArtifacts = {
  readonly program: CompiledCircuit;
  readonly srs: Srs;
  readonly gates: number;
  /** The circuit pads to 2^logSize rows. */
  readonly logSize: number;
  readonly verifyingKey: Uint8Array;
  /** The generated UltraHonk verifier contract. */
  readonly honkVerifier: ContractCode;
};

export type BuildHonkArtifactsParameters<Instance extends CircuitInstance = CircuitInstance> = {
  readonly instance: Instance;
  readonly ceremony: Omit<EnsureSrsParameters, 'points'>;
  /** Folder of compiled circuits, keys and verifiers, shared between processes. */
  readonly cacheDirectory: string;
  readonly onCompile?: () => void;
};

/**
 * Compiles (or takes from the cache) a Noir circuit, its verifying key and its verifier contract, and finds or makes the SRS for them.
 *
 * @throws those of compileCircuit and ensureSrs; ARTIFACT_CORRUPT, ARTIFACT_MISMATCH for keys and code
 */
export async function buildHonkArtifacts(parameters: BuildHonkArtifactsParameters): Promise<HonkArtifacts> {
  const { instance, ceremony, cacheDirectory } = parameters;
  const program = await compileCircuit(parameters);
  const prefix = prefixOf(program, cacheDirectory);
  const size = await sizeOfCompiled(program, cacheDirectory);
  const srs = await ensureSrs({ ...ceremony, points: 2 ** Math.max(size.logSize, instance.blockLog) + 1 });
  const keys = await cached(`${prefix}-${srs.id.slice(2, 18)}.keys.json`, () => makeKeys(program, srs));
  const verifyingKey = hexToBytes(keys.verifyingKey);
  if (srs.profile === 'dev') {
    await assertLocked(instance.name, 'devVerifyingKey', verifyingKey);
    await assertLocked(instance.name, 'devVerifierCode', hexToBytes(keys.honkVerifier.runtime));
  }
  return { program, srs, gates: size.gates, logSize: size.logSize, verifyingKey, honkVerifier: keys.honkVerifier };
}

/** Gates of a compiled circuit, from the cache where it was asked for before. @throws PROVER_UNAVAILABLE, ARTIFACT_CORRUPT */
export function sizeOfCompiled(program: CompiledCircuit, cacheDirectory: string): Promise<CircuitSize> {
  return cached(`${prefixOf(program, cacheDirectory)}.size.json`, () => circuitSize(program));
}

function prefixOf(program: CompiledCircuit, cacheDirectory: string): string {
  return join(cacheDirectory, `${program.name}-${program.hash.slice(0, 16)}`);
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
