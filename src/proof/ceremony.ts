import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getCurveFromName } from 'ffjavascript';
import { type Hex, keccak256, toHex } from 'viem';
import { pow, R } from '../commitment/field.ts';
import { foreignPoints, ignitionSrsId, knownIgnitionPoints, readSrs, type Srs, srsIdOf } from '../commitment/srs.ts';
import { AssayError, exitCodes } from '../errors.ts';
import { checkSrs } from './checkSrs.ts';
import { withFileLock } from './fileLock.ts';
import { chunkPoints as batchPoints, createFixedBase } from './fixedBase.ts';

/** The published string behind the dev ceremony: anyone can compute its tau and forge, on purpose. */
const devCeremonyString = 'assay dev ceremony v1: this secret is public, proofs made with it prove nothing to a stranger';

/** tau of the dev ceremony. */
export const devTau = BigInt(keccak256(toHex(devCeremonyString))) % R;

/** Points made, hashed and appended at a time. */
const chunkPoints = 1 << 15;

type Manifest = { readonly version: 1; readonly chunks: readonly string[] };

export type EnsureSrsParameters = {
  /** Folder for ceremony files; made where missing. */
  readonly directory: string;
  /** G1 points needed. */
  readonly points: number;
  /** Folder with a `public` SRS that the user brings; without it the dev ceremony is used. */
  readonly publicDirectory?: string;
  readonly onProgress?: (done: number, total: number) => void;
};

/**
 * Finds or makes an SRS of at least `points` points.
 *
 * The dev SRS grows chunk by chunk, each recorded with its hash once it is on disk: a killed run resumes, two processes take turns under a
 * lock, a damaged file is refused.
 *
 * Points of a public SRS are Ignition's: the first 32,769 by their hash, those beyond (all, in a file with fewer) by pairing, once a process as long as the
 * file is not written to.
 *
 * @throws SRS_MISSING, SRS_TOO_SMALL (public folder), SRS_CORRUPT, SRS_NOT_PUBLIC
 */
export async function ensureSrs(parameters: EnsureSrsParameters): Promise<Srs> {
  const { directory, points, publicDirectory, onProgress } = parameters;
  if (publicDirectory !== undefined) {
    // From before the file is read: one that is exchanged meanwhile is another.
    const file = await identityOf(join(publicDirectory, 'bn254_g1.dat'));
    const srs = await readSrs(publicDirectory, points);
    if (srs.profile !== 'public') {
      throw new AssayError('SRS_NOT_PUBLIC', `the SRS in ${publicDirectory} is not Aztec's Ignition SRS`, {
        exitCode: exitCodes.artifactMismatch,
        hint: 'Remove the setting to use the dev ceremony, or bring the genuine files.',
      });
    }
    await assertIgnitionPoints(srs, file);
    return srs;
  }
  await mkdir(directory, { recursive: true });
  const wanted = Math.ceil(points / chunkPoints);
  if ((await readManifest(directory)).chunks.length < wanted) {
    await withFileLock(join(directory, 'lock'), () => extendDevSrs(directory, wanted, onProgress));
  }
  await assertChunks(directory, wanted);
  return readSrs(directory, points);
}

/** Points that were checked, by the identity of their file. */
const checkedPoints = new Map<string, number>();

async function identityOf(path: string): Promise<{ key: string; points: number }> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return { key: '', points: 0 };
  const { dev, ino, size, mtimeMs, ctimeMs } = found;
  return { key: [path, dev, ino, size, mtimeMs, ctimeMs].join('|'), points: Math.floor(size / 64) };
}

async function assertIgnitionPoints(srs: Srs, file: { key: string; points: number }): Promise<void> {
  // readSrs has held the first points against their hash.
  const known = file.points >= knownIgnitionPoints ? knownIgnitionPoints : 0;
  if (srs.count <= Math.max(known, checkedPoints.get(file.key) ?? 0)) return;
  if (!(await checkSrs(srs, known))) throw foreignPoints(srs.directory, 'they are no powers of its tau in G2');
  checkedPoints.set(file.key, srs.count);
}

/** Id of the SRS that these settings lead to, before any of it is made. */
export async function ceremonySrsId(parameters: Pick<EnsureSrsParameters, 'publicDirectory'>): Promise<Hex> {
  if (parameters.publicDirectory !== undefined) return ignitionSrsId;
  const curve = await getCurveFromName('bn128', true);
  const tau = new Uint8Array(128);
  curve.G2.toRprUncompressed(tau, 0, curve.G2.toAffine(curve.G2.timesScalar(curve.G2.g, devTau)));
  const word = (i: number): bigint => BigInt(toHex(tau.subarray(32 * i, 32 * i + 32)));
  return srsIdOf([word(0), word(1), word(2), word(3)]);
}

async function readManifest(directory: string): Promise<Manifest> {
  try {
    const manifest = JSON.parse(await readFile(join(directory, 'manifest.json'), 'utf8')) as Manifest;
    if (manifest.version === 1 && Array.isArray(manifest.chunks)) return manifest;
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return { version: 1, chunks: [] };
  }
  throw corrupt(directory, 'manifest.json is unreadable');
}

function corrupt(directory: string, details: string): AssayError {
  return new AssayError('SRS_CORRUPT', `the ceremony files in ${directory} are damaged`, {
    details,
    exitCode: exitCodes.artifactMismatch,
    hint: `Delete the folder ${directory}; the dev ceremony is made again in seconds.`,
  });
}

async function assertChunks(directory: string, wanted: number): Promise<void> {
  const { chunks } = await readManifest(directory);
  const file = await open(join(directory, 'bn254_g1.dat')).catch((cause: unknown) => {
    throw corrupt(directory, `bn254_g1.dat: ${String(cause)}`);
  });
  try {
    const buffer = new Uint8Array(chunkPoints * 64);
    for (let i = 0; i < wanted; i++) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, i * buffer.length);
      if (bytesRead !== buffer.length || sha256(buffer) !== chunks[i]) throw corrupt(directory, `chunk ${i} differs from its hash`);
    }
  } finally {
    await file.close();
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function extendDevSrs(directory: string, wanted: number, onProgress: EnsureSrsParameters['onProgress']): Promise<void> {
  const chunks = [...(await readManifest(directory)).chunks];
  if (chunks.length >= wanted) return;
  const maker = await createPowersMaker();
  await writeFile(join(directory, 'bn254_g2.dat'), maker.g2);
  await writeFile(join(directory, 'README.txt'), `profile dev\n${devCeremonyString}\n`);
  const file = await open(join(directory, 'bn254_g1.dat'), chunks.length === 0 ? 'w' : 'r+');
  try {
    while (chunks.length < wanted) {
      onProgress?.(chunks.length, wanted);
      const bytes = maker.chunk(chunks.length * chunkPoints);
      await file.write(bytes, 0, bytes.length, chunks.length * bytes.length);
      await file.sync();
      chunks.push(sha256(bytes));
      const temporary = join(directory, `manifest.${process.pid}.json`);
      await writeFile(temporary, `${JSON.stringify({ version: 1, chunks })}\n`);
      await rename(temporary, join(directory, 'manifest.json'));
    }
    onProgress?.(wanted, wanted);
  } finally {
    await file.close();
  }
}

/** Powers of the dev tau in G1, and tau in G2 as Barretenberg's file has it. */
async function createPowersMaker(): Promise<{ g2: Uint8Array; chunk(first: number): Uint8Array }> {
  const base = await createFixedBase(chunkPoints);
  const tauG2 = base.g2Uncompressed(base.g2([devTau]));
  // The library writes x_1, x_0, y_1, y_0; the file holds x_0, x_1, y_0, y_1.
  const g2 = new Uint8Array(128);
  [32, 0, 96, 64].forEach((from, i) => {
    g2.set(tauG2.subarray(from, from + 32), 32 * i);
  });
  const chunk = (first: number): Uint8Array => {
    const bytes = new Uint8Array(chunkPoints * 64);
    let power = pow(devTau, BigInt(first));
    for (let at = 0; at < chunkPoints; at += batchPoints) {
      const powers = Array.from({ length: batchPoints }, () => {
        const now = power;
        power = (power * devTau) % R;
        return now;
      });
      bytes.set(base.g1Uncompressed(base.g1(powers)), at * 64);
    }
    return bytes;
  };
  return { g2, chunk };
}
