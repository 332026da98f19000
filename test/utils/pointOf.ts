import { mod, Q, R } from '../../src/commitment/field.ts';
import type { Point } from '../../src/commitment/kzg.ts';

/** Extended Euclid. */
function inverse(value: bigint): bigint {
  let [r, next] = [Q, mod(value, Q)];
  let [t, nextT] = [0n, 1n];
  while (next !== 0n) {
    const quotient = r / next;
    [r, next] = [next, r - quotient * next];
    [t, nextT] = [nextT, t - quotient * nextT];
  }
  return mod(t, Q);
}

function add([x1, y1]: Point, [x2, y2]: Point): Point {
  if (x1 === 0n && y1 === 0n) return [x2, y2];
  if (x2 === 0n && y2 === 0n) return [x1, y1];
  if (x1 === x2 && mod(y1 + y2, Q) === 0n) return [0n, 0n];
  const slope = x1 === x2 ? 3n * x1 * x1 * inverse(2n * y1) : (y2 - y1) * inverse(x2 - x1);
  const x = mod(slope * slope - x1 - x2, Q);
  return [x, mod(slope * (x1 - x) - y1, Q)];
}

const known = new Map<bigint, Point>();

/** The point of BN254's G1 with this logarithm to the generator; quick where it is near 0, from either side. */
export function pointOf(logarithm: bigint): Point {
  const found = known.get(logarithm);
  if (found !== undefined) return found;
  const k = mod(logarithm);
  const [size, negative] = k > R / 2n ? [R - k, true] : [k, false];
  let sum: Point = [0n, 0n];
  let power: Point = [1n, 2n];
  for (let rest = size; rest > 0n; rest >>= 1n) {
    if (rest & 1n) sum = add(sum, power);
    power = add(power, power);
  }
  const point: Point = negative ? [sum[0], mod(-sum[1], Q)] : sum;
  known.set(logarithm, point);
  return point;
}
