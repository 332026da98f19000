import { readFile } from 'node:fs/promises';
import { z } from 'zod';
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

/** The locked sha256 of one artifact of a circuit; undefined for a circuit that is not locked. */
export async function lockedHash(
  circuit: string,
  artifact: 'program' | 'devVerifyingKey' | 'devVerifierCode' | 'devProvingKey',
): Promise<string | undefined> {
  return (await readArtifactLock()).circuits[circuit]?.[artifact];
}
