import { R } from '../../commitment/field.ts';
import { AssayError } from '../../errors.ts';

/**
 * The first values of a solved witness in circom's .wtns format: after the constant one come the public ones.
 *
 * @throws WITNESS_MALFORMED
 */
export function readPublicSignals(wtns: Uint8Array, count: number): bigint[] {
  const bytes = Buffer.from(wtns.buffer, wtns.byteOffset, wtns.length);
  const refuse = (details: string): AssayError => new AssayError('WITNESS_MALFORMED', 'this is no solved witness', { details });
  if (bytes.length < 76 || bytes.toString('latin1', 0, 4) !== 'wtns' || bytes.readUInt32LE(4) !== 2 || bytes.readUInt32LE(8) !== 2)
    throw refuse('header');
  if (bytes.readUInt32LE(12) !== 1 || bytes.readBigUInt64LE(16) !== 40n || bytes.readUInt32LE(24) !== 32 || value(bytes, 28) !== R)
    throw refuse('field');
  const wires = bytes.readUInt32LE(60);
  if (bytes.readUInt32LE(64) !== 2 || bytes.readBigUInt64LE(68) !== BigInt(wires * 32) || bytes.length !== 76 + wires * 32)
    throw refuse('length');
  if (count + 1 > wires || value(bytes, 76) !== 1n) throw refuse('public values');
  const signals = Array.from({ length: count }, (_, i) => value(bytes, 76 + 32 * (i + 1)));
  if (signals.some((signal) => signal >= R)) throw refuse('a value is not below the field');
  return signals;
}

function value(bytes: Buffer, at: number): bigint {
  const word = (i: number): bigint => bytes.readBigUInt64LE(at + 8 * i);
  return word(0) | (word(1) << 64n) | (word(2) << 128n) | (word(3) << 192n);
}
