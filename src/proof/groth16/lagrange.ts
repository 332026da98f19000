import type { Curve } from 'ffjavascript';
import { inv, pow, R } from '../../commitment/field.ts';

/** Generator of the subgroup of 2^power elements that snarkjs evaluates on. */
export function rootOfUnity(curve: Curve, power: number): bigint {
  return curve.Fr.toObject(curve.Fr.w[power] as Uint8Array);
}

/** The Lagrange polynomials of the subgroup of 2^power elements, each at `x`, which must lie outside of it. */
export function lagrangeAt(curve: Curve, power: number, x: bigint): bigint[] {
  const size = 2 ** power;
  const omega = power === 0 ? 1n : rootOfUnity(curve, power);
  // L_i(x) = (x^n - 1) / n * omega^i / (x - omega^i), the inverses all from one.
  const differences: bigint[] = [];
  const products: bigint[] = [];
  let product = 1n;
  for (let i = 0, root = 1n; i < size; i++, root = (root * omega) % R) {
    const difference = (x - root + R) % R;
    products.push(product);
    differences.push(difference);
    product = (product * difference) % R;
  }
  let inverse = inv(product);
  const scale = ((pow(x, BigInt(size)) - 1n + R) * inv(BigInt(size))) % R;
  const values = new Array<bigint>(size);
  for (let i = size - 1; i >= 0; i--) {
    const difference = differences[i] as bigint;
    const reciprocal = (inverse * (products[i] as bigint)) % R;
    inverse = (inverse * difference) % R;
    // omega^i = x - difference
    values[i] = (((scale * (x - difference + R)) % R) * reciprocal) % R;
  }
  return values;
}
