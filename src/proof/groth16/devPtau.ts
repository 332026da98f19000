import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inv, pow, Q, R } from '../../commitment/field.ts';
import { AssayError } from '../../errors.ts';
import { devTau } from '../ceremony.ts';
import { withFileLock } from '../fileLock.ts';
import { chunkPoints, createFixedBase, type FixedBase } from '../fixedBase.ts';
import { corruptFile, createBinaryFile, openBinaryFile } from './binaryFile.ts';
import { devAlpha, devBeta } from './devSecrets.ts';
import { hashFile } from './hashFile.ts';
import { lagrangeAt } from './lagrange.ts';
import { runGroth16Worker } from './runGroth16Worker.ts';

/** Largest power that is made: 2^20 takes minutes and 1.2 GB of disk. */
const maxPower = 20;

export type EnsureDevPtauParameters = {
  /** Folder of ceremony files; made where missing. */
  readonly directory: string;
  /** The file serves circuits of up to 2^power constraints. */
  readonly power: number;
  /** Points made so far, and in all. */
  readonly onProgress?: (done: number, total: number) => void;
};

export type DevPtau = { readonly path: string; readonly power: number; readonly sha256: string };

/**
 * Finds or makes the dev ceremony's powers of tau in snarkjs' format, prepared for phase 2: one tau for this file and for the SRS.
 *
 * The file comes into being under a lock and another name, is checked, and then carries its hash beside it; a damaged one is refused.
 *
 * @throws CEREMONY_TOO_LARGE above 2^20; ARTIFACT_CORRUPT; GROTH16_WORKER_FAILED
 */
export async function ensureDevPtau({ directory, power, onProgress }: EnsureDevPtauParameters): Promise<DevPtau> {
  if (!Number.isInteger(power) || power < 1 || power > maxPower) {
    throw new AssayError('CEREMONY_TOO_LARGE', `the dev powers of tau are made from 2^1 to 2^${maxPower}, not 2^${power}`, {
      hint: 'Choose a smaller circuit, or bring powers of tau of your own.',
    });
  }
  const path = join(directory, `dev_${String(power).padStart(2, '0')}.ptau`);
  const found = await readChecked(path);
  if (found !== undefined) return { path, power, sha256: found };
  await mkdir(directory, { recursive: true });
  return withFileLock(`${path}.lock`, async () => {
    const meanwhile = await readChecked(path);
    if (meanwhile !== undefined) return { path, power, sha256: meanwhile };
    const partial = `${path}.partial`;
    const sha256 = await runGroth16Worker({ operation: 'dev-ptau', path: partial, power }, (done, total) => onProgress?.(done, total));
    await rename(partial, path);
    await writeFile(`${path}.sha256.partial`, `${sha256}\n`);
    await rename(`${path}.sha256.partial`, `${path}.sha256`);
    return { path, power, sha256 };
  });
}

/** The file's hash, where there is one and it is the recorded one. */
async function readChecked(path: string): Promise<string | undefined> {
  // The hash is written last: a file without one was cut off on its way, and is made again.
  const recorded = await readFile(`${path}.sha256`, 'utf8').catch(() => undefined);
  if (recorded === undefined) return undefined;
  const actual = await hashFile(path, 'sha256').catch(() => undefined);
  if (actual === undefined) {
    await rm(`${path}.sha256`, { force: true });
    return undefined;
  }
  if (recorded.trim() !== actual) throw corruptFile(path, 'the file differs from its hash');
  return actual;
}

/** Points of a file of that power, as a measure of the work. */
function devPtauPoints(power: number): number {
  return 15 * 2 ** power - 5;
}

/**
 * Writes the file; a step of its own process.
 *
 * @returns sha256 of the file
 * @throws CEREMONY_CHECK_FAILED where a point of the finished file is not what the pairing says it must be
 */
export async function writeDevPtau(path: string, power: number, onProgress: (done: number, total: number) => void): Promise<string> {
  const base = await createFixedBase(devPtauPoints(power));
  const { curve } = base;
  const size = 2 ** power;
  const total = devPtauPoints(power);
  let done = 0;
  const file = await createBinaryFile(path, 'ptau', 11);
  const emit = async (group: 'g1' | 'g2', scalars: readonly bigint[], factor = 1n): Promise<void> => {
    for (let at = 0; at < scalars.length; at += chunkPoints) {
      const part = scalars.slice(at, at + chunkPoints);
      await file.write(base[group](factor === 1n ? part : part.map((scalar) => (scalar * factor) % R)));
      done += part.length;
      onProgress(done, total);
    }
  };
  try {
    await file.section(1, 44);
    await file.write(ptauHeader(power));
    const powers: bigint[] = [];
    for (let i = 0, t = 1n; i < 2 * size - 1; i++, t = (t * devTau) % R) powers.push(t);
    await file.section(2, (2 * size - 1) * 64);
    await emit('g1', powers);
    await file.section(3, size * 128);
    await emit('g2', powers.slice(0, size));
    await file.section(4, size * 64);
    await emit('g1', powers.slice(0, size), devAlpha);
    await file.section(5, size * 64);
    await emit('g1', powers.slice(0, size), devBeta);
    await file.section(6, 128);
    await emit('g2', [devBeta]);
    // Nobody contributed: there is nothing to hide.
    await file.section(7, 4);
    await file.write(new Uint8Array(4));
    const bases = Array.from({ length: power + 1 }, (_, p) => lagrangeAt(curve, p, devTau));
    const perGroup = 2 * size - 1;
    await file.section(12, (4 * size - 1) * 64);
    for (const values of bases) await emit('g1', values);
    await emit('g1', doubleDomain(base, power));
    await file.section(13, perGroup * 128);
    for (const values of bases) await emit('g2', values);
    await file.section(14, perGroup * 64);
    for (const values of bases) await emit('g1', values, devAlpha);
    await file.section(15, perGroup * 64);
    for (const values of bases) await emit('g1', values, devBeta);
    const sha256 = await file.end();
    await assertPoints(base, path, power);
    return sha256;
  } catch (error) {
    await file.abandon().catch(() => undefined);
    throw error;
  }
}

/** The domain of twice the size: its highest power of tau is not in the file, and snarkjs prepares it as if it were zero. */
function doubleDomain({ curve }: FixedBase, power: number): bigint[] {
  const size = 2 ** (power + 1);
  const missing = (pow(devTau, BigInt(size - 1)) * inv(BigInt(size))) % R;
  const omega = curve.Fr.toObject(curve.Fr.w[power + 1] as Uint8Array);
  let root = 1n;
  return lagrangeAt(curve, power + 1, devTau).map((value) => {
    const whole = (value - ((missing * root) % R) + R) % R;
    root = (root * omega) % R;
    return whole;
  });
}

function ptauHeader(power: number): Uint8Array {
  const header = Buffer.alloc(44);
  header.writeUInt32LE(32, 0);
  for (let i = 0; i < 32; i++) header[4 + i] = Number((Q >> BigInt(8 * i)) & 255n);
  header.writeUInt32LE(power, 36);
  header.writeUInt32LE(power, 40);
  return header;
}

/** Reads points of the finished file and holds them against each other by pairing: memory that ran out would have corrupted it in silence. */
async function assertPoints({ curve }: FixedBase, path: string, power: number): Promise<void> {
  const { G1, G2 } = curve;
  const size = 2 ** power;
  const file = await openBinaryFile(path, 'ptau');
  const g1 = async (section: number, i: number) => G1.fromRprLEM(await file.read(file.section(section), 64 * i, 64));
  const g2 = async (section: number, i: number) => G2.fromRprLEM(await file.read(file.section(section), 128 * i, 128));
  const check = async (what: string, ...pairs: Uint8Array[]): Promise<void> => {
    if (await curve.pairingEq(...pairs)) return;
    throw new AssayError('CEREMONY_CHECK_FAILED', `${what} of the powers of tau that were made are wrong`, {
      hint: 'Try again; where it happens again, this is a bug: please report it.',
    });
  };
  try {
    const tau2 = await g2(3, 1);
    const alpha1 = await g1(4, 0);
    const beta1 = await g1(5, 0);
    await check('tau in both groups', await g1(2, 1), G2.g, G1.neg(G1.g), tau2);
    await check('beta in both groups', beta1, G2.g, G1.neg(G1.g), await g2(6, 0));
    const places = [...new Set([0, Math.floor(size / 3), size - 2].filter((i) => i >= 0))];
    for (const i of [...places, 2 * size - 3]) await check('powers in G1', await g1(2, i), tau2, G1.neg(await g1(2, i + 1)), G2.g);
    for (const i of places) {
      await check('powers in G2', G1.g, await g2(3, i + 1), G1.neg(await g1(2, 1)), await g2(3, i));
      await check('powers with alpha', await g1(4, i), G2.g, G1.neg(alpha1), await g2(3, i));
      await check('powers with beta', await g1(5, i), G2.g, G1.neg(beta1), await g2(3, i));
      const l = size - 1 + i;
      await check('Lagrange points with alpha', await g1(14, l), G2.g, G1.neg(alpha1), await g2(13, l));
      await check('Lagrange points with beta', await g1(15, l), G2.g, G1.neg(beta1), await g2(13, l));
      await check('Lagrange points in G2', await g1(12, l), G2.g, G1.neg(G1.g), await g2(13, l));
    }
    // The Lagrange polynomials of a domain add up to one.
    let sum = G1.zero;
    for (let at = 0; at < size; at += chunkPoints) {
      const count = Math.min(chunkPoints, size - at);
      const points = await file.read(file.section(12), (size - 1 + at) * 64, count * 64);
      for (let i = 0; i < count; i++) sum = G1.add(sum, G1.fromRprLEM(points, 64 * i));
    }
    await check('Lagrange points in G1', G1.toAffine(sum), G2.g, G1.neg(G1.g), G2.g);
  } finally {
    await file.close();
  }
}
