import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AssayError, exitCodes } from '../../errors.ts';
import { lockedHash } from '../artifactLock.ts';
import { withFileLock } from '../fileLock.ts';
import { corruptFile } from './binaryFile.ts';
import { assertFinished, groth16Profile } from './groth16Profile.ts';
import { hashFile } from './hashFile.ts';
import { publishedPtau } from './publishedPtau.ts';
import { readZkey, type Zkey } from './readZkey.ts';
import { type Groth16Progress, runGroth16Worker } from './runGroth16Worker.ts';

/** The keys of one circuit, after phase 2. */
export type Groth16Setup = Zkey & {
  readonly zkeyPath: string;
  readonly profile: 'dev' | 'public';
  /** Of the .zkey file. */
  readonly sha256: string;
};

export type SetUpGroth16Parameters = {
  /** Name of the circuit, for the lock and for the file's name. */
  readonly name: string;
  /** Path of the circuit's .r1cs file. */
  readonly r1cs: string;
  /** Folder of keys, shared between processes. */
  readonly cacheDirectory: string;
  readonly profile: 'dev' | 'public';
  readonly onProgress?: Groth16Progress;
};

const recordSchema = z.strictObject({
  version: z.literal(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  profile: z.enum(['dev', 'public']),
});

/**
 * Takes a circuit's keys from the cache; those of the dev ceremony are made where they are not there. Keys of the public profile come from a ceremony of
 * people: `installKey` puts them there.
 *
 * A key is written under another name, and counts from the moment its hash lies beside it: a run that is cut off leaves nothing that is used.
 *
 * @throws ARTIFACT_CORRUPT (file differs from its hash), ARTIFACT_MISMATCH (differs from circuits/artifacts.lock.json), GROTH16_KEY_MISSING (public profile),
 *   GROTH16_UNFINISHED, CEREMONY_TOO_LARGE, GROTH16_WORKER_FAILED
 */
export async function setUpGroth16(parameters: SetUpGroth16Parameters): Promise<Groth16Setup> {
  const { name, r1cs, cacheDirectory, profile, onProgress } = parameters;
  const path = await keyPath(name, r1cs, cacheDirectory, profile);
  const found = await readKey(path, name);
  if (found !== undefined) return found;
  if (profile === 'public') {
    throw new AssayError('GROTH16_KEY_MISSING', `there is no key of the public profile for ${name}`, {
      hint: 'Hold a ceremony (docs/security/ceremony.md), then `assay circuit setup NAME --zkey FILE --ptau FILE`; UltraHonk needs none.',
    });
  }
  await mkdir(cacheDirectory, { recursive: true });
  return withFileLock(`${path}.lock`, async () => {
    const meanwhile = await readKey(path, name);
    if (meanwhile !== undefined) return meanwhile;
    const sha256 = await runGroth16Worker({ operation: 'dev-zkey', r1cs, path: `${path}.partial`, contribute: true }, onProgress);
    await keep(path, sha256, 'dev');
    const made = await readKey(path, name);
    if (made === undefined) throw corruptFile(path, 'the key that was made went missing');
    return made;
  });
}

export type InstallKeyParameters = Omit<SetUpGroth16Parameters, 'profile'> & {
  /** The finished key of a ceremony. */
  readonly zkey: string;
  /** The powers of tau that it was begun with. */
  readonly ptau: string;
};

/**
 * Verifies a ceremony's key against circuit and powers of tau, and keeps it in the cache as the public profile's.
 *
 * @throws CEREMONY_INVALID (exit code 3), CEREMONY_NOT_PUBLIC (unknown powers of tau, or nobody but the dev ceremony contributed), GROTH16_UNFINISHED
 */
export async function installKey(parameters: InstallKeyParameters): Promise<Groth16Setup> {
  const { name, r1cs, cacheDirectory, zkey, ptau, onProgress } = parameters;
  const { contributions } = await readZkey(zkey);
  assertFinished(contributions);
  const published = await findPublished(ptau);
  if (groth16Profile(published !== undefined, contributions) !== 'public') {
    const details =
      published === undefined
        ? 'its blake2b hash is none of the published ones'
        : 'every contribution to phase 2 was made with a published secret';
    throw new AssayError('CEREMONY_NOT_PUBLIC', 'this is no key of a public ceremony', {
      details,
      exitCode: exitCodes.artifactMismatch,
      hint: 'docs/security/ceremony.md says which powers of tau count, and who must contribute.',
    });
  }
  await verifyKey({ r1cs, ptau, zkey, ...(onProgress && { onProgress }) });
  await mkdir(cacheDirectory, { recursive: true });
  const path = await keyPath(name, r1cs, cacheDirectory, 'public');
  return withFileLock(`${path}.lock`, async () => {
    await copyFile(zkey, `${path}.partial`);
    await keep(path, await hashFile(`${path}.partial`, 'sha256'), 'public');
    const kept = await readKey(path, name);
    if (kept === undefined) throw corruptFile(path, 'the key that was copied went missing');
    return kept;
  });
}

export type VerifyKeyParameters = {
  readonly r1cs: string;
  readonly ptau: string;
  readonly zkey: string;
  readonly onProgress?: Groth16Progress;
};

/**
 * snarkjs' `zkey verify`: every part of the key follows from circuit, powers of tau and contributions.
 *
 * @throws CEREMONY_INVALID with exit code 3
 */
export async function verifyKey({ r1cs, ptau, zkey, onProgress }: VerifyKeyParameters): Promise<void> {
  const { valid, why } = await runGroth16Worker({ operation: 'zkey-verify', r1cs, ptau, zkey }, onProgress);
  if (valid) return;
  throw new AssayError('CEREMONY_INVALID', `${zkey} does not follow from ${r1cs} and ${ptau}`, {
    details: why === '' ? 'a contribution is inconsistent' : why,
    exitCode: exitCodes.proofInvalid,
    hint: 'Do not use the key. Were all three files made for the same circuit?',
  });
}

/** The published powers of tau that a file is; undefined for any other file. */
export async function findPublished(
  ptau: string,
  onProgress?: (bytes: number) => void,
): Promise<{ power: number; blake2b: string } | undefined> {
  const hash = await hashFile(ptau, 'blake2b512', onProgress);
  return publishedPtau.find(({ blake2b }) => blake2b === hash);
}

/** Where the key of a circuit is kept. */
export async function keyPath(name: string, r1cs: string, cacheDirectory: string, profile: 'dev' | 'public'): Promise<string> {
  return join(cacheDirectory, `${name}-${(await hashFile(r1cs, 'sha256')).slice(0, 16)}-${profile}.zkey`);
}

async function keep(path: string, sha256: string, profile: 'dev' | 'public'): Promise<void> {
  await rm(`${path}.json`, { force: true });
  await rename(`${path}.partial`, path);
  await writeFile(`${path}.json.partial`, JSON.stringify({ version: 1, sha256, profile }));
  await rename(`${path}.json.partial`, `${path}.json`);
}

async function readKey(path: string, name: string): Promise<Groth16Setup | undefined> {
  const text = await readFile(`${path}.json`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  let record: z.infer<typeof recordSchema>;
  try {
    record = recordSchema.parse(JSON.parse(text));
  } catch {
    throw corruptFile(`${path}.json`, 'not a record of a key');
  }
  const sha256 = await hashFile(path, 'sha256').catch(() => undefined);
  if (sha256 === undefined) {
    await rm(`${path}.json`, { force: true });
    return undefined;
  }
  if (sha256 !== record.sha256) throw corruptFile(path, 'the file differs from its hash');
  if (record.profile === 'dev') {
    const expected = await lockedHash(name, 'devProvingKey');
    if (expected !== undefined && expected !== sha256) {
      throw new AssayError('ARTIFACT_MISMATCH', `the proving key of ${name} differs from circuits/artifacts.lock.json`, {
        details: `expected ${expected}, got ${sha256}`,
        exitCode: exitCodes.artifactMismatch,
        hint: 'Reinstall the package and delete the artifact cache.',
      });
    }
  }
  const zkey = await readZkey(path);
  assertFinished(zkey.contributions);
  return { ...zkey, zkeyPath: path, profile: record.profile, sha256 };
}
