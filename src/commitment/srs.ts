import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeAbiParameters, type Hex, keccak256, toHex } from 'viem';
import { AssayError, exitCodes } from '../errors.ts';

/** A KZG structured reference string: powers of a secret tau in G1, and tau in G2. */
export type Srs = {
  /** `srsId` of docs/reference/encodings.md. */
  readonly id: Hex;
  /** 64 bytes a point: x then y, big-endian, standard form. Point i is tau^i times the generator. */
  readonly g1: Uint8Array;
  /** Points in `g1`. */
  readonly count: number;
  /** tau in G2, EIP-197 order: x_1, x_0, y_1, y_0. */
  readonly g2Tau: readonly [bigint, bigint, bigint, bigint];
  /** `public`: Aztec's Ignition ceremony, by its tau in G2. `dev`: everybody knows tau, so everybody can forge. */
  readonly profile: 'dev' | 'public';
  /** Folder that holds the files, in the format that Barretenberg reads (CRS_PATH). */
  readonly directory: string;
};

/** Id of Aztec's Ignition SRS; every other SRS is treated as `dev`. */
export const ignitionSrsId: Hex = srsIdOf([
  0x260e01b251f6f1c7e7ff4e580791dee8ea51d87a358e038b4efe30fac09383c1n,
  0x0118c4d5b837bcc2bc89b5b398b5974e9f5944073b32078b7e231fec938883b0n,
  0x04fc6369f7110fe3d25156c1bb9a72859cf2a04641f99ba4ee413c80da6a5fe4n,
  0x22febda3c0c0632a56475b4214e5615e11e6dd3f96e6cea2854a87d4dacc5e55n,
]);

/** How many points of the Ignition SRS are known here by their hash. */
export const knownIgnitionPoints = 32_769;

/** sha256 of the first `knownIgnitionPoints` points, 64 bytes each; a test holds genuine ones against tau in G2 by pairing. */
const knownIgnitionHash = 'd769ac6c98f8fab858a7e9967f2b7f181d8ad9fdcdf55438c915696febf0e99c';

/** `srsId` of docs/reference/encodings.md. */
export function srsIdOf(g2Tau: readonly [bigint, bigint, bigint, bigint]): Hex {
  const word = { type: 'uint256' } as const;
  const [x1, x0, y1, y0] = g2Tau;
  return keccak256(encodeAbiParameters([{ type: 'bytes32' }, word, word, word, word], [keccak256(toHex('assay.srs.v1')), x1, x0, y1, y0]));
}

/**
 * Reads an SRS from a folder with `bn254_g1.dat` and `bn254_g2.dat` (x_0, x_1, y_0, y_1).
 *
 * Beside Ignition's tau the first 32,769 points are held against their known hash, where the file has so many. All others are taken as they are: `ensureSrs`
 * and `checkSrs` of src/proof/ hold them against tau by pairing.
 *
 * @param points how many G1 points to read; the file may hold more
 * @throws SRS_MISSING, SRS_TOO_SMALL, SRS_CORRUPT
 */
export async function readSrs(directory: string, points: number): Promise<Srs> {
  let g2: Uint8Array;
  let available: number;
  let read: Uint8Array;
  const g1Path = join(directory, 'bn254_g1.dat');
  try {
    g2 = await readFile(join(directory, 'bn254_g2.dat'));
    const file = await open(g1Path);
    try {
      available = Math.floor((await file.stat()).size / 64);
      read = new Uint8Array(64 * Math.min(available, Math.max(points, knownIgnitionPoints)));
      for (let at = 0; at < read.length; ) {
        const { bytesRead } = await file.read(read, at, Math.min(read.length - at, 1 << 30), at);
        if (bytesRead === 0) throw new Error(`${g1Path} ends early`);
        at += bytesRead;
      }
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new AssayError('SRS_MISSING', `no SRS in ${directory}`, { cause, hint: 'Run `assay doctor`: it says how to make or bring one.' });
  }
  if (available < points || g2.length !== 128) {
    throw new AssayError('SRS_TOO_SMALL', `the SRS in ${directory} holds ${available} points, ${points} are needed`, {
      exitCode: exitCodes.artifactMismatch,
      hint: 'Bring a larger one, or choose a smaller circuit.',
    });
  }
  const word = (i: number): bigint => BigInt(toHex(g2.subarray(32 * i, 32 * i + 32)));
  const g2Tau = [word(1), word(0), word(3), word(2)] as const;
  const id = srsIdOf(g2Tau);
  if (id === ignitionSrsId && available >= knownIgnitionPoints) {
    const hash = createHash('sha256')
      .update(read.subarray(0, 64 * knownIgnitionPoints))
      .digest('hex');
    if (hash !== knownIgnitionHash) throw foreignPoints(directory, `the first ${knownIgnitionPoints} points have another hash`);
  }
  const g1 = read.subarray(0, points * 64);
  return { id, g1, count: points, g2Tau, profile: id === ignitionSrsId ? 'public' : 'dev', directory };
}

/** The error about points that do not belong to their tau in G2. */
export function foreignPoints(directory: string, details: string): AssayError {
  return new AssayError('SRS_CORRUPT', `the points in ${directory} are not those of Aztec's Ignition SRS`, {
    details,
    exitCode: exitCodes.artifactMismatch,
    hint: 'Do not use the files: whoever chose the points may know their secret. Bring the genuine ones.',
  });
}
