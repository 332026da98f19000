import { createHash, type Hash } from 'node:crypto';
import { ChaCha, type Curve, type Element } from 'ffjavascript';
import { inv, pow, Q, R } from '../../commitment/field.ts';
import { AssayError } from '../../errors.ts';
import { devTau } from '../ceremony.ts';
import { chunkPoints, createFixedBase, type FixedBase } from '../fixedBase.ts';
import { createBinaryFile } from './binaryFile.ts';
import { devAlpha, devBeacon, devBeta, devContribution } from './devSecrets.ts';
import { lagrangeAt, rootOfUnity } from './lagrange.ts';
import { type R1cs, readR1cs } from './readR1cs.ts';

/** Power of the smallest domain that holds the constraints and one row for each public value. */
export function domainPower(r1cs: Pick<R1cs, 'constraints' | 'publicValues'>): number {
  return Math.max(1, Math.ceil(Math.log2(r1cs.constraints + r1cs.publicValues + 1)));
}

/**
 * Writes the proving key of a circuit under the dev ceremony: what `zkey new` over the dev powers of tau makes, with the dev contribution and the dev
 * beacon applied. As every secret is published, each point is one multiplication of a generator: seconds where snarkjs needs minutes. snarkjs' own
 * `zkey verify` accepts the result. Without `contribute`, the key before any contribution: where a ceremony begins, never to be used.
 *
 * @returns sha256 of the file
 * @throws ARTIFACT_CORRUPT, CEREMONY_TOO_LARGE
 */
export async function writeDevZkey(
  r1csPath: string,
  path: string,
  contribute: boolean,
  onProgress: (done: number, total: number) => void,
): Promise<string> {
  const r1cs = await readR1cs(r1csPath);
  const base = await createFixedBase(r1cs.wires);
  const { curve } = base;
  const power = domainPower(r1cs);
  if (power > 20) throw new AssayError('CEREMONY_TOO_LARGE', `${r1cs.constraints} constraints: the dev ceremony ends at 2^20`);
  const size = 2 ** power;
  const { wires, publicValues } = r1cs;
  const inputs = publicValues + 1;

  // The circuit's polynomials at tau, a scalar for each wire.
  const lagrange = lagrangeAt(curve, power, devTau);
  const a = new Array<bigint>(wires).fill(0n);
  const b = new Array<bigint>(wires).fill(0n);
  const l = new Array<bigint>(wires).fill(0n);
  const coefficients: [matrix: number, row: number, wire: number, value: bigint][] = [];
  r1cs.visit((row, terms) => {
    const at = lagrange[row] as bigint;
    for (const { matrix, wire, value } of terms) {
      const scalar = (value * at) % R;
      if (matrix === 0) a[wire] = (a[wire] as bigint) + scalar;
      else if (matrix === 1) b[wire] = (b[wire] as bigint) + scalar;
      else l[wire] = (l[wire] as bigint) + scalar;
      if (matrix < 2) coefficients.push([matrix, row, wire, value]);
    }
  });
  for (let wire = 0; wire < inputs; wire++) {
    const row = r1cs.constraints + wire;
    a[wire] = (a[wire] as bigint) + (lagrange[row] as bigint);
    coefficients.push([0, row, wire, 1n]);
  }
  for (let wire = 0; wire < wires; wire++) {
    a[wire] = (a[wire] as bigint) % R;
    b[wire] = (b[wire] as bigint) % R;
    l[wire] = ((l[wire] as bigint) + devBeta * (a[wire] as bigint) + devAlpha * (b[wire] as bigint)) % R;
  }

  const done = { points: 0 };
  const total = 2 * size + 6 * wires;
  const counted = (scalars: readonly bigint[], weight: number, make: (part: readonly bigint[]) => Uint8Array) =>
    function* chunks(): Generator<Uint8Array> {
      for (let i = 0; i < scalars.length; i += chunkPoints) {
        const bytes = make(scalars.slice(i, i + chunkPoints));
        done.points += weight * Math.min(chunkPoints, scalars.length - i);
        onProgress(Math.min(done.points, total), total);
        yield bytes;
      }
    };
  const g1 = (scalars: readonly bigint[]) => counted(scalars, 1, base.g1);
  const g2 = (scalars: readonly bigint[]) => counted(scalars, 3, base.g2);

  // The hash of the circuit, as snarkjs takes it: everything of the key before any contribution.
  const hash = createHash('blake2b512');
  const hashLength = (length: number): void => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(length);
    hash.update(bytes);
  };
  const one1 = base.g1([1n]);
  const one2 = base.g2([1n]);
  const alpha1 = base.g1([devAlpha]);
  const beta1 = base.g1([devBeta]);
  const beta2 = base.g2([devBeta]);
  const u1 = (points: Uint8Array) => hash.update(base.g1Uncompressed(points));
  const u2 = (points: Uint8Array) => hash.update(base.g2Uncompressed(points));
  u1(alpha1);
  u1(beta1);
  u2(beta2);
  u2(one2);
  u1(one1);
  u2(one2);

  const keep = (length: number, chunks: () => Iterable<Uint8Array>, group: 'g1' | 'g2'): Uint8Array[] => {
    hashLength(length);
    return [...chunks()].map((bytes) => {
      (group === 'g1' ? u1 : u2)(bytes);
      return bytes;
    });
  };
  const ic = keep(inputs, g1(l.slice(0, inputs)), 'g1');
  // The powers of tau times the vanishing polynomial. snarkjs hashes them in blocks of 2^14 and takes one too many where the last is not whole.
  const vanishing = (pow(devTau, BigInt(size)) - 1n + R) % R;
  hashLength(size - 1);
  const hashed = size - 1 <= 1 << 14 ? size - 1 : Math.ceil((size - 1) / (1 << 14)) * (1 << 14);
  const shifted: bigint[] = [];
  for (let i = 0, t = vanishing; i < hashed; i++, t = (t * devTau) % R) shifted.push(t);
  for (const bytes of g1(shifted)()) u1(bytes);
  const own = l.slice(inputs);
  const openL = keep(own.length, g1(own), 'g1');
  const pointsA = keep(wires, g1(a), 'g1');
  const pointsB1 = keep(wires, g1(b), 'g1');
  const pointsB2 = keep(wires, g2(b), 'g2');
  const circuitHash = hash.digest();

  const phase2 = contribute ? devContributions(base, circuitHash) : { delta: 1n, section: contributionSection(circuitHash, []) };
  const unDelta = inv(phase2.delta);
  const file = await createBinaryFile(path, 'zkey', 10);
  try {
    await file.section(1, 4);
    await file.write(uint32(1));
    const header = [
      uint32(32),
      littleEndian(Q),
      uint32(32),
      littleEndian(R),
      uint32(wires),
      uint32(publicValues),
      uint32(size),
      alpha1,
      beta1,
      beta2,
      one2,
      base.g1([phase2.delta]),
      base.g2([phase2.delta]),
    ];
    await file.section(2, 72 + 12 + 3 * 64 + 3 * 128);
    for (const part of header) await file.write(part);
    await file.section(3, inputs * 64);
    for (const bytes of ic) await file.write(bytes);
    await file.section(4, 4 + coefficients.length * 44);
    await file.write(uint32(coefficients.length));
    for (const bytes of coefficientBytes(coefficients)) await file.write(bytes);
    for (const [id, points, width] of [
      [5, pointsA, 64],
      [6, pointsB1, 64],
      [7, pointsB2, 128],
    ] as const) {
      await file.section(id, wires * width);
      for (const bytes of points) await file.write(bytes);
    }
    await file.section(8, own.length * 64);
    const scaled = phase2.delta === 1n ? openL : g1(own.map((scalar) => (scalar * unDelta) % R))();
    for (const bytes of scaled) await file.write(bytes);
    await file.section(9, size * 64);
    for (const bytes of g1(oddLagrange(curve, power).map((scalar) => (scalar * unDelta) % R))()) await file.write(bytes);
    await file.section(10, phase2.section.length);
    await file.write(phase2.section);
    return await file.end();
  } catch (error) {
    await file.abandon().catch(() => undefined);
    throw error;
  }
}

/** The Lagrange polynomials of the domain of twice the size, where they belong to no point of the domain itself. */
function oddLagrange(curve: Curve, power: number): bigint[] {
  const size = 2 ** power;
  // At s omega^i, s^2 = omega: (x^2n - 1) / (2n) * s omega^i / (x - s omega^i), which is the domain's own polynomial at x / s, times (1 - x^n) / 2.
  const shift = rootOfUnity(curve, power + 1);
  const factor = ((1n - pow(devTau, BigInt(size)) + R) * inv(2n)) % R;
  return lagrangeAt(curve, power, (devTau * inv(shift)) % R).map((value) => (value * factor) % R);
}

/** The dev contribution and the dev beacon: the section that records them, and the delta that they lead to. */
function devContributions(base: FixedBase, circuitHash: Uint8Array): { delta: bigint; section: Uint8Array } {
  const { curve } = base;
  const transcript = createHash('blake2b512').update(circuitHash);
  let delta = 1n;
  const records: Uint8Array[] = [];
  const add = (secret: bigint, g1s: Uint8Array, parameters: readonly Uint8Array[], type: number): void => {
    delta = (delta * secret) % R;
    const contribution = contributionBytes(base, transcript, { secret, delta, g1s });
    const extra = Buffer.concat(parameters);
    records.push(Buffer.concat([contribution, uint32(type), uint32(extra.length), extra]));
  };
  add(devContribution.secret, base.g1([devContribution.base]), [named(devContribution.name)], 0);
  let beacon: Uint8Array = devBeacon.hash;
  for (let i = 0; i < 2 ** devBeacon.iterationsExp; i++) beacon = createHash('sha256').update(beacon).digest();
  const rng = new ChaCha(seedOf(beacon));
  const secret = curve.Fr.toObject(curve.Fr.fromRng(rng));
  const g1s = affineLem(curve, curve.G1.fromRng(rng));
  const { hash, iterationsExp, name } = devBeacon;
  add(secret, g1s, [named(name), Uint8Array.of(2, iterationsExp), Uint8Array.of(3, hash.length), hash], 1);
  return { delta, section: contributionSection(circuitHash, records) };
}

function contributionSection(circuitHash: Uint8Array, records: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([circuitHash, uint32(records.length), ...records]);
}

/** One contribution as the key holds it (delta afterwards, and the proof that its maker knows the secret), put into the transcript as well. */
function contributionBytes(
  base: FixedBase,
  transcript: Hash,
  { secret, delta, g1s }: { readonly secret: bigint; readonly delta: bigint; readonly g1s: Uint8Array },
): Uint8Array {
  const { G1, G2, Fr } = base.curve;
  const deltaAfter = base.g1([delta]);
  const scalar = Fr.e(secret);
  const g1sx = affineLem(base.curve, G1.timesFr(G1.fromRprLEM(g1s), scalar));
  const challenge = transcript.copy().update(base.g1Uncompressed(g1s)).update(base.g1Uncompressed(g1sx)).digest();
  const g2sp = G2.fromRng(new ChaCha(seedOf(challenge)));
  const g2spx = new Uint8Array(128);
  G2.toRprLEM(g2spx, 0, G2.toAffine(G2.timesFr(g2sp, scalar)));
  for (const point of [deltaAfter, g1s, g1sx]) transcript.update(base.g1Uncompressed(point));
  transcript.update(base.g2Uncompressed(g2spx)).update(challenge);
  return Buffer.concat([deltaAfter, g1s, g1sx, g2spx, challenge]);
}

function affineLem({ G1 }: Curve, point: Element): Uint8Array {
  const bytes = new Uint8Array(64);
  G1.toRprLEM(bytes, 0, G1.toAffine(point));
  return bytes;
}

/** The first 32 bytes as eight big-endian words. */
function seedOf(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return Array.from({ length: 8 }, (_, i) => view.getUint32(4 * i));
}

function named(name: string): Uint8Array {
  const text = Buffer.from(name);
  return Buffer.concat([Uint8Array.of(1, text.length), text]);
}

/** Coefficients as the prover reads them: in Montgomery form twice over. */
function* coefficientBytes(coefficients: readonly (readonly [number, number, number, bigint])[]): Generator<Uint8Array> {
  const square = pow(2n, 512n);
  const known = new Map<bigint, Uint8Array>();
  const step = 1 << 14;
  for (let at = 0; at < coefficients.length; at += step) {
    const part = coefficients.slice(at, at + step);
    const bytes = Buffer.alloc(part.length * 44);
    for (const [i, [matrix, row, wire, value]] of part.entries()) {
      let form = known.get(value);
      if (form === undefined) {
        form = littleEndian((value * square) % R);
        if (known.size < 1 << 16) known.set(value, form);
      }
      bytes.writeUInt32LE(matrix, 44 * i);
      bytes.writeUInt32LE(row, 44 * i + 4);
      bytes.writeUInt32LE(wire, 44 * i + 8);
      bytes.set(form, 44 * i + 12);
    }
    yield bytes;
  }
}

function uint32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function littleEndian(value: bigint): Uint8Array {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();
}
