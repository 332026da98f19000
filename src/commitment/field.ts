/** Order of BN254's scalar field: circuit values, exponents of points. */
export const R = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;
/** Order of BN254's base field: point coordinates. */
export const Q = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;

/** Least non-negative residue of `x` modulo `m` (default `R`). */
export function mod(x: bigint, m: bigint = R): bigint {
  const y = x % m;
  return y < 0n ? y + m : y;
}

/** `base^exponent mod R`, exponent >= 0. */
export function pow(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let b = mod(base);
  for (let e = exponent; e > 0n; e >>= 1n) {
    if (e & 1n) result = (result * b) % R;
    b = (b * b) % R;
  }
  return result;
}

/** Inverse modulo `R`; zero has none and throws a RangeError. */
export function inv(x: bigint): bigint {
  let [a, b, u, v] = [mod(x), R, 1n, 0n];
  if (a === 0n) throw new RangeError('zero has no inverse');
  while (a > 1n) {
    const q = b / a;
    [a, b] = [b % a, a];
    [u, v] = [v - q * u, u];
  }
  return mod(u);
}
