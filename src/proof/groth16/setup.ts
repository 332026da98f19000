import { constants } from 'node:fs';
import { access, chmod, copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AssayError, exitCodes } from '../../errors.ts';
import { assertLocked } from '../artifactLock.ts';
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
  const found = await readKey(path, name, profile);
  if (found !== undefined) return found;
  if (profile === 'public') {
    throw new AssayError('GROTH16_KEY_MISSING', `there is no key of the public profile for ${name}`, {
      hint: 'Hold a ceremony (docs/security/ceremony.md), then `assay circuit setup NAME --zkey FILE --ptau FILE`; UltraHonk needs none.',
    });
  }
  await mkdir(cacheDirectory, { recursive: true });
  return withFileLock(`${path}.lock`, async () => {
    const meanwhile = await readKey(path, name, profile);
    if (meanwhile !== undefined) return meanwhile;
    const sha256 = await runGroth16Worker({ operation: 'dev-zkey', r1cs, path: `${path}.partial`, contribute: true }, onProgress);
    await keep(path, sha256, 'dev');
    const made = await readKey(path, name, profile);
    if (made === undefined) throw corruptFile(path, 'the key that was made went missing');
    return made;
  });
}

export type InstallKeyParameters = Omit<SetUpGroth16Parameters, 'profile'> & {
  /** The finished key of a ceremony. */
  readonly zkey: string;
  /** The powers of tau that it was begun with. */
  readonly ptau: string;
  /** Puts the key in the place of another one that was installed; without it that is refused, as circuit ids would change. */
  readonly replace?: boolean;
};

/**
 * Verifies a ceremony's key against circuit and powers of tau, and keeps it in the cache as the public profile's.
 *
 * What is read, verified and kept is one copy of each file in the cache: verifying takes minutes, and what lies at the caller's paths may change meanwhile.
 *
 * @throws CEREMONY_INVALID (exit code 3), CEREMONY_NOT_PUBLIC (unknown powers of tau, or no contribution counts), GROTH16_UNFINISHED, GROTH16_KEY_EXISTS,
 *   ARTIFACT_CORRUPT (no key, or a copy that changed while it was verified), ARTIFACT_MISSING
 */
export async function installKey(parameters: InstallKeyParameters): Promise<Groth16Setup> {
  const { name, r1cs, cacheDirectory, zkey, ptau, replace = false, onProgress } = parameters;
  await mkdir(cacheDirectory, { recursive: true });
  const path = await keyPath(name, r1cs, cacheDirectory, 'public');
  const copy = `${path}.partial`;
  const ptauCopy = `${path}.ptau.partial`;
  return withFileLock(`${path}.lock`, async () => {
    try {
      await copyOf(zkey, copy);
      const sha256 = await hashFile(copy, 'sha256');
      if (!replace) {
        const installed = await readKey(path, name, 'public');
        if (installed?.sha256 === sha256) return installed;
        if (installed !== undefined) {
          throw new AssayError('GROTH16_KEY_EXISTS', `another key of the public profile is installed for ${name}`, {
            details: `its phase 2 ended with ${installed.setupId}`,
            exitCode: exitCodes.artifactMismatch,
            hint: 'With --replace the new key takes its place: the circuit gets another id, and proofs under the old one are no longer checked here.',
          });
        }
      }
      const { contributions } = await readZkey(copy);
      assertFinished(contributions);
      await copyOf(ptau, ptauCopy);
      const published = await findPublished(ptauCopy);
      if (groth16Profile(published !== undefined, contributions) !== 'public') {
        const details =
          published === undefined
            ? 'the blake2b hash of its powers of tau is none of the published ones'
            : 'every contribution to phase 2 was made with a published or a guessable secret';
        throw new AssayError('CEREMONY_NOT_PUBLIC', 'this is no key of a public ceremony', {
          details,
          exitCode: exitCodes.artifactMismatch,
          hint: 'docs/security/ceremony.md says which powers of tau count, and who must contribute.',
        });
      }
      await verifyKey({ r1cs, ptau: ptauCopy, zkey: copy, ...(onProgress && { onProgress }) });
      if ((await hashFile(copy, 'sha256')) !== sha256) throw corruptFile(copy, 'the key changed while it was verified');
      if ((await findPublished(ptauCopy))?.blake2b !== published?.blake2b)
        throw corruptFile(ptauCopy, 'the powers of tau changed while they were read');
      if ((await keyPath(name, r1cs, cacheDirectory, 'public')) !== path)
        throw corruptFile(r1cs, 'the circuit changed while its key was verified');
      await keep(path, sha256, 'public');
    } finally {
      for (const partial of [copy, ptauCopy]) await rm(partial, { force: true });
    }
    const kept = await readKey(path, name, 'public');
    if (kept === undefined) throw corruptFile(path, 'the key that was copied went missing');
    return kept;
  });
}

/** Copies a file, by reference where the file system can. */
async function copyOf(from: string, to: string): Promise<void> {
  await rm(to, { force: true });
  await access(from).catch((cause: unknown) => {
    throw new AssayError('ARTIFACT_MISSING', `cannot read ${from}`, { cause, details: String(cause) });
  });
  await copyFile(from, to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  // A read-only source makes a read-only copy: keys are as readable as those that are made here.
  await chmod(to, 0o644);
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
async function findPublished(ptau: string, onProgress?: (bytes: number) => void): Promise<{ power: number; blake2b: string } | undefined> {
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

async function readKey(path: string, name: string, profile: 'dev' | 'public'): Promise<Groth16Setup | undefined> {
  const text = await readFile(`${path}.json`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  let record: z.infer<typeof recordSchema>;
  try {
    record = recordSchema.parse(JSON.parse(text));
  } catch {
    throw corruptFile(`${path}.json`, 'not a record of a key');
  }
  if (record.profile !== profile)
    throw corruptFile(`${path}.json`, `a key of the ${record.profile} profile in the place of a ${profile} one`);
  const sha256 = await hashFile(path, 'sha256').catch(() => undefined);
  if (sha256 === undefined) {
    await rm(`${path}.json`, { force: true });
    return undefined;
  }
  if (sha256 !== record.sha256) throw corruptFile(path, 'the file differs from its hash');
  if (profile === 'dev') await assertLocked(name, 'devProvingKey', sha256);
  const zkey = await readZkey(path);
  assertFinished(zkey.contributions);
  // Its powers of tau were held against the published ones when it was installed.
  if (profile === 'public' && groth16Profile(true, zkey.contributions) !== 'public')
    throw corruptFile(path, 'no contribution to its phase 2 counts: everybody can forge');
  return { ...zkey, zkeyPath: path, profile, sha256 };
}
