import type { Curve } from 'ffjavascript';
import { devTau } from '../ceremony.ts';
import { devAlpha, devBeta, devContribution } from './devSecrets.ts';

/** Numerators and denominators that are tried. */
const tried = 1 << 12;
const scalarBits = 254;
const published = [devTau, devAlpha, devBeta, devContribution.base, devContribution.secret];

/**
 * Whether a contribution's secret s is one that anybody tries first: plus or minus a/b for a, b up to 4,096, such a fraction of a power of two or of one
 * of the dev ceremony's strings. A delta with no other secret in it is known to everybody.
 *
 * No list of guesses is whole: a secret that is drawn badly in another way passes.
 *
 * @param base affine point of G1 as ffjavascript holds it
 * @param image s times base
 */
export function hasGuessableSecret({ G1, Fr }: Curve, base: Uint8Array, image: Uint8Array): boolean {
  // a * base and b * image have one x where s = a/b or -a/b.
  const others = published.map((secret) => G1.timesFr(base, Fr.e(secret)));
  let power = G1.toJacobian(base);
  for (let i = 0; i < scalarBits; i++) {
    others.push(power);
    power = G1.double(power);
  }
  const reachable = abscissae(G1, [...multiples(G1, base), ...others]);
  for (const x of abscissae(G1, multiples(G1, image))) if (reachable.has(x)) return true;
  return false;
}

function multiples(G1: Curve['G1'], point: Uint8Array): Uint8Array[] {
  let sum = G1.toJacobian(point);
  return Array.from({ length: tried }, (_, i) => {
    if (i > 0) sum = G1.add(sum, point);
    return sum;
  });
}

function abscissae(G1: Curve['G1'], points: readonly Uint8Array[]): Set<string> {
  const all = Buffer.concat(points.map((point) => G1.toAffine(point)));
  const found = new Set<string>();
  for (let at = 0; at < all.length; at += 64) found.add(all.toString('latin1', at, at + 32));
  return found;
}
