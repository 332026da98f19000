import { join } from 'node:path';
import type { Hex } from 'viem';
import type { Srs } from '../../commitment/srs.ts';
import { assertLocked } from '../artifactLock.ts';
import { type EnsureSrsParameters, ensureSrs } from '../ceremony.ts';
import { buildCircomProgram, type CircomProgram } from '../circom/compileCircom.ts';
import type { InferenceInstance } from '../circuitInstance.ts';
import { groth16ProofBytes } from './decodeProof.ts';
import { countContributions } from './groth16Profile.ts';
import type { Phase2Contribution } from './readZkey.ts';
import { setUpGroth16 } from './setup.ts';

/** Everything that proving and verifying with one circom circuit needs, under one ceremony. */
export type Groth16Artifacts = {
  readonly instance: InferenceInstance;
  readonly program: CircomProgram;
  readonly zkeyPath: string;
  /** The verifying key, in the form of docs/reference/encodings.md, "Groth16 proof and key". */
  readonly keyBytes: Uint8Array;
  /** The hash that ends phase 2. */
  readonly setupId: Hex;
  readonly contributions: readonly Phase2Contribution[];
  /** How many of them count, the beacon and those with a published or guessable secret left out: their makers, all together, could forge. */
  readonly countedContributions: number;
  /** For the opening. */
  readonly srs: Srs;
  /** `dev` where the secret of the SRS, of the powers of tau or of every contribution is published: anybody can forge. */
  readonly profile: 'dev' | 'public';
  readonly constraints: number;
  readonly proofBytes: number;
};

export type BuildGroth16ArtifactsParameters = {
  readonly instance: InferenceInstance;
  readonly ceremony: Omit<EnsureSrsParameters, 'points'>;
  /** Folder of compiled circuits and keys, shared between processes. */
  readonly cacheDirectory: string;
  /** Called as long steps go on, with what is being done. */
  readonly onProgress?: (what: string) => void;
};

/**
 * Compiles a circom circuit (or takes it from the cache), and takes or makes its keys and the SRS of its opening.
 *
 * @throws those of buildCircomProgram, setUpGroth16 and ensureSrs; ARTIFACT_MISMATCH
 */
export async function buildGroth16Artifacts(parameters: BuildGroth16ArtifactsParameters): Promise<Groth16Artifacts> {
  const { instance, ceremony, cacheDirectory, onProgress } = parameters;
  const program = await buildCircomProgram({ instance, cacheDirectory, onCompile: () => onProgress?.('compiling') });
  const setup = await setUpGroth16({
    name: instance.name,
    r1cs: join(program.directory, 'circuit.r1cs'),
    cacheDirectory,
    profile: ceremony.publicDirectory === undefined ? 'dev' : 'public',
    onProgress: (done, total) => onProgress?.(`proving key: ${Math.floor((100 * done) / total)} %`),
  });
  const srs = await ensureSrs({ ...ceremony, points: 2 ** instance.blockLog + 1 });
  if (setup.profile === 'dev') await assertLocked(instance.name, 'devVerifyingKey', setup.keyBytes);
  return {
    instance,
    program,
    zkeyPath: setup.zkeyPath,
    keyBytes: setup.keyBytes,
    setupId: setup.setupId,
    contributions: setup.contributions,
    countedContributions: countContributions(setup.contributions),
    srs,
    profile: srs.profile === 'public' && setup.profile === 'public' ? 'public' : 'dev',
    constraints: program.constraints,
    proofBytes: groth16ProofBytes,
  };
}
