import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { AssayError, exitCodes } from '../errors.ts';
import { packagePath } from './packagePath.ts';

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const lockSchema = z.strictObject({
  version: z.literal(1),
  /** Versions of the tools that made the artifacts. */
  tools: z.record(z.string(), z.string()),
  /**
   * sha256 per circuit: the compiled program, and, for the dev ceremony, the verifying key, and the verifier's code (UltraHonk) or the proving key (Groth16,
   * whose verifier is the same contract for all circuits).
   */
  circuits: z.record(
    z.string(),
    z.strictObject({ program: hash, devVerifyingKey: hash, devVerifierCode: hash.optional(), devProvingKey: hash.optional() }),
  ),
});

export type ArtifactLock = z.infer<typeof lockSchema>;

let lock: ArtifactLock | undefined;

/** circuits/artifacts.lock.json. */
export async function readArtifactLock(): Promise<ArtifactLock> {
  lock ??= lockSchema.parse(JSON.parse(await readFile(packagePath('circuits/artifacts.lock.json'), 'utf8')));
  return lock;
}

const names = {
  program: 'compiled circuit',
  devVerifyingKey: 'verifying key',
  devVerifierCode: 'verifier code',
  devProvingKey: 'proving key',
} as const;

/** What of a circuit is locked. */
export type LockedArtifact = keyof typeof names;

/** The locked sha256 of one artifact of a circuit; undefined for a circuit that is not locked. */
export async function lockedHash(circuit: string, artifact: LockedArtifact): Promise<string | undefined> {
  return (await readArtifactLock()).circuits[circuit]?.[artifact];
}

/**
 * Holds an artifact against the lock, where the lock knows its circuit.
 *
 * @param found the artifact's sha256 in hex, or the artifact
 * @throws ARTIFACT_MISMATCH (exit 6)
 */
export async function assertLocked(circuit: string, artifact: LockedArtifact, found: string | Uint8Array): Promise<void> {
  const expected = await lockedHash(circuit, artifact);
  const actual = typeof found === 'string' ? found : createHash('sha256').update(found).digest('hex');
  if (expected === undefined || expected === actual) return;
  throw new AssayError('ARTIFACT_MISMATCH', `the ${names[artifact]} of ${circuit} differs from circuits/artifacts.lock.json`, {
    details: `expected ${expected}, got ${actual}`,
    exitCode: exitCodes.artifactMismatch,
    hint: 'Reinstall the package and delete the artifact cache; after changing a circuit on purpose, run `npm run -s circuits:lock`.',
  });
}
