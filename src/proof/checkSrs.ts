import { randomBytes } from 'node:crypto';
import { loadCurve } from '../commitment/curve.ts';
import type { Srs } from '../commitment/srs.ts';

/**
 * Checks by pairing that the points of an SRS are powers of one tau, the one in G2, beginning with the generator: a random combination of all of them,
 * wrong with probability 2^-128.
 *
 * @param known points at the beginning that are known to be right, by their hash: only those behind them are checked
 */
export async function checkSrs(srs: Srs, known = 0): Promise<boolean> {
  const curve = await loadCurve();
  const { G1, G2 } = curve;
  const word = (value: bigint): string => value.toString(16).padStart(64, '0');
  const tau = G2.fromRprUncompressed(Uint8Array.from(Buffer.from(srs.g2Tau.map(word).join(''), 'hex')), 0);
  if (!G2.isValid(tau) || G2.isZero(tau)) return false;
  if (known === 0 && !G1.eq(G1.fromRprUncompressed(Uint8Array.from(srs.g1.subarray(0, 64)), 0), G1.g)) return false;
  let low = G1.zero;
  let high = G1.zero;
  const step = 1 << 14;
  for (let at = Math.max(known - 1, 0); at + 1 < srs.count; at += step) {
    const count = Math.min(step, srs.count - 1 - at);
    const points = await G1.batchUtoLEM(Uint8Array.from(srs.g1.subarray(64 * at, 64 * (at + count + 1))));
    for (let i = 0; i <= count; i++) if (!G1.isValid(points.slice(64 * i, 64 * i + 64))) return false;
    const scalars = new Uint8Array(randomBytes(16 * count));
    low = G1.add(low, await G1.multiExpAffine(points.slice(0, 64 * count), scalars));
    high = G1.add(high, await G1.multiExpAffine(points.slice(64), scalars));
  }
  return curve.pairingEq(G1.toAffine(low), tau, G1.neg(G1.toAffine(high)), G2.g);
}
