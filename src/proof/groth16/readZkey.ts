import { createHash } from 'node:crypto';
import type { Curve } from 'ffjavascript';
import { bytesToHex, concat, type Hex, keccak256 } from 'viem';
import { loadCurve } from '../../commitment/curve.ts';
import { Q, R } from '../../commitment/field.ts';
import { tag } from '../../commitment/ids.ts';
import { type BinaryFile, corruptFile, openBinaryFile } from './binaryFile.ts';
import { devContribution } from './devSecrets.ts';
import { hasGuessableSecret } from './guessableSecret.ts';

/** One contribution to phase 2, as the key records it. */
export type Phase2Contribution = {
  /** blake2b-512 of the contribution's public key, in hex: what its maker attests. */
  readonly hash: Hex;
  /** A `beacon` is drawn from a public random value: everybody knows its secret, nobody chose it. */
  readonly kind: 'contribution' | 'beacon';
  /** As its maker put it; nothing vouches for it. Empty where there is none. */
  readonly name: string;
  /** Made with the dev ceremony's published secret. */
  readonly dev: boolean;
  /** Made with a secret that anybody tries first, as 1: worth no more than a published one. Beacons are not tried. */
  readonly guessable: boolean;
  readonly beacon?: { readonly hash: Hex; readonly iterationsExp: number };
};

/** What a Groth16 proving key (a .zkey file) says of itself. */
export type Zkey = {
  readonly wires: number;
  readonly publicValues: number;
  /** Constraints, and a row for each public value, pad to 2^power. */
  readonly power: number;
  /** The verifying key in the form of docs/reference/encodings.md, "Groth16 proof and key". */
  readonly keyBytes: Uint8Array;
  /** snarkjs' hash of the key before any contribution. */
  readonly circuitHash: Hex;
  readonly contributions: readonly Phase2Contribution[];
  /** The hash that ends phase 2: over the circuit's hash and every contribution's. */
  readonly setupId: Hex;
};

/**
 * Reads the header, the public inputs' points and the contributions of a key. That they follow from a circuit and from powers of tau is what `zkey verify`
 * says; here only that they are well-formed and fit each other.
 *
 * @throws ARTIFACT_CORRUPT, ARTIFACT_MISSING
 */
export async function readZkey(path: string): Promise<Zkey> {
  const curve = await loadCurve();
  const file = await openBinaryFile(path, 'zkey');
  try {
    const whole = async (id: number): Promise<Buffer> => {
      const section = file.section(id);
      if (section.size > 1 << 26) throw corruptFile(path, `section ${id} is too long`);
      return Buffer.from(await file.read(section, 0, section.size));
    };
    const protocol = await whole(1);
    if (protocol.length !== 4 || protocol.readUInt32LE(0) !== 1) throw corruptFile(path, 'not a Groth16 key');
    const header = await whole(2);
    if (header.length !== 660 || header.readUInt32LE(0) !== 32 || header.readUInt32LE(36) !== 32) throw corruptFile(path, 'header');
    if (littleEndian(header, 4) !== Q || littleEndian(header, 40) !== R) throw corruptFile(path, 'not over BN254');
    const wires = header.readUInt32LE(72);
    const publicValues = header.readUInt32LE(76);
    const domain = header.readUInt32LE(80);
    const power = Math.log2(domain);
    if (!Number.isInteger(power) || power < 1 || power > 28 || publicValues + 1 > wires) throw corruptFile(path, 'sizes');
    const g1 = (bytes: Uint8Array, at: number): Uint8Array => pointOf(curve, 'G1', path, bytes, at);
    const g2 = (bytes: Uint8Array, at: number): Uint8Array => pointOf(curve, 'G2', path, bytes, at);
    assertSizes(file, { wires, publicValues, domain });
    const ic = await whole(3);
    const points = [g1(header, 84), g2(header, 212), g2(header, 340), g2(header, 532)];
    for (let i = 0; i <= publicValues; i++) points.push(g1(ic, 64 * i));
    const { circuitHash, contributions, delta } = readContributions(curve, path, await whole(10));
    if (delta !== undefined && Buffer.compare(delta, g1(header, 468)) !== 0)
      throw corruptFile(path, 'the last contribution led to another delta');
    return {
      wires,
      publicValues,
      power,
      keyBytes: new Uint8Array(Buffer.concat(points)),
      circuitHash,
      contributions,
      setupId: setupIdOf(circuitHash, contributions),
    };
  } finally {
    await file.close();
  }
}

/** `setupId` of docs/reference/encodings.md. */
export function setupIdOf(circuitHash: Hex, contributions: readonly Pick<Phase2Contribution, 'hash'>[]): Hex {
  return keccak256(concat([tag('assay.groth16.setup.v1'), circuitHash, ...contributions.map(({ hash }) => hash)]));
}

function assertSizes(file: BinaryFile, { wires, publicValues, domain }: { wires: number; publicValues: number; domain: number }): void {
  const expected: readonly (readonly [id: number, bytes: number])[] = [
    [3, (publicValues + 1) * 64],
    [5, wires * 64],
    [6, wires * 64],
    [7, wires * 128],
    [8, (wires - publicValues - 1) * 64],
    [9, domain * 64],
  ];
  for (const [id, bytes] of expected) if (file.section(id).size !== bytes) throw corruptFile(file.path, `section ${id} has a wrong length`);
  if ((file.section(4).size - 4) % 44 !== 0) throw corruptFile(file.path, 'section 4 has a wrong length');
}

function readContributions(
  curve: Curve,
  path: string,
  bytes: Buffer,
): { circuitHash: Hex; contributions: Phase2Contribution[]; delta: Uint8Array | undefined } {
  const { G1, Fr } = curve;
  const devSecret = Fr.e(devContribution.secret);
  const contributions: Phase2Contribution[] = [];
  let delta: Uint8Array | undefined;
  try {
    const circuitHash = bytesToHex(bytes.subarray(0, 64));
    const count = bytes.readUInt32LE(64);
    let at = 68;
    for (let i = 0; i < count; i++) {
      const pointsOf = [0, 64, 128].map((offset) => pointOf(curve, 'G1', path, bytes, at + offset));
      const g2 = pointOf(curve, 'G2', path, bytes, at + 192);
      const transcript = bytes.subarray(at + 320, at + 384);
      const hash = createHash('blake2b512');
      for (const part of [...pointsOf, g2, transcript]) hash.update(part);
      const base = G1.fromRprLEM(bytes, at + 64);
      const image = G1.fromRprLEM(bytes, at + 128);
      const dev = G1.eq(G1.timesFr(base, devSecret), image);
      const type = bytes.readUInt32LE(at + 384);
      const length = bytes.readUInt32LE(at + 388);
      if (type > 1 || at + 392 + length > bytes.length) throw corruptFile(path, `contribution ${i}`);
      const extra = readExtra(path, bytes.subarray(at + 392, at + 392 + length));
      if ((type === 1) !== (extra.beacon !== undefined)) throw corruptFile(path, `contribution ${i}: half a beacon`);
      const kind = type === 1 ? 'beacon' : 'contribution';
      const guessable = kind === 'contribution' && !dev && hasGuessableSecret(curve, base, image);
      contributions.push({ hash: `0x${hash.digest('hex')}`, kind, dev, guessable, ...extra });
      delta = pointsOf[0] as Uint8Array;
      at += 392 + length;
    }
    if (at !== bytes.length) throw corruptFile(path, 'bytes behind the last contribution');
    return { circuitHash, contributions, delta };
  } catch (error) {
    if (error instanceof RangeError) throw corruptFile(path, `contributions: ${error.message}`);
    throw error;
  }
}

function readExtra(path: string, bytes: Buffer): Pick<Phase2Contribution, 'name' | 'beacon'> {
  let name = '';
  let iterationsExp: number | undefined;
  let hash: Hex | undefined;
  let last = 0;
  for (let at = 0; at < bytes.length; ) {
    const kind = bytes.readUInt8(at);
    if (kind <= last) throw corruptFile(path, 'a contribution is recorded out of order');
    last = kind;
    const value = bytes.readUInt8(at + 1);
    at += 2;
    if (kind === 2) {
      iterationsExp = value;
      continue;
    }
    if (kind > 3 || at + value > bytes.length) throw corruptFile(path, 'a contribution holds more than is known');
    const text = bytes.subarray(at, at + value);
    if (kind === 1) name = printable(text.toString('utf8'));
    else hash = bytesToHex(text);
    at += value;
  }
  if ((hash === undefined) !== (iterationsExp === undefined)) throw corruptFile(path, 'half a beacon');
  return hash === undefined || iterationsExp === undefined ? { name } : { name, beacon: { hash, iterationsExp } };
}

/** Names are shown on terminals: nothing in them may move a cursor. */
function printable(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '?');
}

/** A point big-endian in standard form (G2: x_1, x_0, y_1, y_0), checked to be one and not infinity. */
function pointOf(curve: Curve, group: 'G1' | 'G2', path: string, bytes: Uint8Array, at: number): Uint8Array {
  const size = group === 'G1' ? 64 : 128;
  if (at + size > bytes.length) throw corruptFile(path, 'a section is too short');
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let i = 0; i < size; i += 32) if (littleEndian(buffer, at + i) >= Q) throw corruptFile(path, 'a coordinate is not below the field');
  const G = curve[group];
  const point = G.fromRprLEM(bytes, at);
  if (G.isZero(point) || !G.isValid(point)) throw corruptFile(path, 'a point is not on the curve');
  const out = new Uint8Array(size);
  G.toRprUncompressed(out, 0, point);
  return out;
}

function littleEndian(bytes: Buffer, at: number): bigint {
  const word = (i: number): bigint => bytes.readBigUInt64LE(at + 8 * i);
  return word(0) | (word(1) << 64n) | (word(2) << 128n) | (word(3) << 192n);
}
