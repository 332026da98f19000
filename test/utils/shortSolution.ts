import { mod, R } from '../../src/commitment/field.ts';

/**
 * Integers m near `wanted` with sum_k m_k b^k = `sum` in the field, by lattice reduction: the more there are, the nearer.
 *
 * @param wanted at least 20 of them; 24 are met within about 2^11
 */
export function shortSolution(b: bigint, sum: bigint, wanted: readonly bigint[]): bigint[] {
  // All vectors with sum 0: one is r in the first place, the others pay for one b^k there.
  let power = 1n;
  const basis = wanted.map((_, k) => {
    const row = wanted.map((__, i): bigint => (i === k ? 1n : 0n));
    row[0] = k === 0 ? R : -power;
    power = mod(power * b);
    return row;
  });
  reduce(basis);
  return nearest(basis, wanted, [mod(sum), ...wanted.slice(1).map(() => 0n)]);
}

const dot = (x: readonly bigint[], y: readonly bigint[]): bigint => x.reduce((sum, value, i) => sum + value * (y[i] as bigint), 0n);
const rounded = (x: bigint, y: bigint): bigint => {
  const twice = 2n * x + y;
  return twice >= 0n ? twice / (2n * y) : -((2n * y - 1n - twice) / (2n * y));
};

/** Lenstra, Lenstra and Lovasz over the integers: d[i + 1] is the square of the volume of the first i + 1 vectors. */
function reduce(basis: bigint[][]): void {
  const n = basis.length;
  const d: bigint[] = [1n];
  const lambda = basis.map(() => basis.map(() => 0n));
  const at = (i: number): bigint[] => lambda[i] as bigint[];
  const get = (i: number, j: number): bigint => at(i)[j] as bigint;
  const size = (k: number, l: number): void => {
    const q = rounded(get(k, l), d[l + 1] as bigint);
    if (q === 0n) return;
    basis[k] = (basis[k] as bigint[]).map((value, i) => value - q * ((basis[l] as bigint[])[i] as bigint));
    at(k)[l] = get(k, l) - q * (d[l + 1] as bigint);
    for (let i = 0; i < l; i++) at(k)[i] = get(k, i) - q * get(l, i);
  };
  const swap = (k: number, last: number): void => {
    [basis[k], basis[k - 1]] = [basis[k - 1] as bigint[], basis[k] as bigint[]];
    for (let j = 0; j < k - 1; j++) [at(k)[j], at(k - 1)[j]] = [get(k - 1, j), get(k, j)];
    const between = get(k, k - 1);
    const [before, old, next] = d.slice(k - 1, k + 2) as [bigint, bigint, bigint];
    const made = (before * next + between * between) / old;
    for (let i = k + 1; i <= last; i++) {
      const t = get(i, k);
      at(i)[k] = (next * get(i, k - 1) - between * t) / old;
      at(i)[k - 1] = (made * t + between * get(i, k)) / next;
    }
    d[k] = made;
  };
  for (let k = 0, known = -1; k < n; ) {
    if (k > known) {
      known = k;
      for (let j = 0; j <= k; j++) {
        let u = dot(basis[k] as bigint[], basis[j] as bigint[]);
        for (let i = 0; i < j; i++) u = ((d[i + 1] as bigint) * u - get(k, i) * get(j, i)) / (d[i] as bigint);
        if (j < k) at(k)[j] = u;
        else d[k + 1] = u;
      }
    }
    if (k === 0) {
      k++;
      continue;
    }
    size(k, k - 1);
    const [before, old, next] = d.slice(k - 1, k + 2) as [bigint, bigint, bigint];
    if (4n * (before * next + get(k, k - 1) ** 2n) < 3n * old * old) {
      swap(k, known);
      k = Math.max(k - 1, 1);
    } else {
      for (let l = k - 2; l >= 0; l--) size(k, l);
      k++;
    }
  }
}

/** Takes lattice vectors from `start` until it is near `wanted`: Babai's nearest plane, as often as floating point needs. */
function nearest(basis: readonly (readonly bigint[])[], wanted: readonly bigint[], start: readonly bigint[]): bigint[] {
  const rows = basis.map((row) => row.map(Number));
  const inner = (x: readonly number[], y: readonly number[]): number => x.reduce((sum, value, i) => sum + value * (y[i] as number), 0);
  const orthogonal: number[][] = [];
  for (const row of rows) {
    orthogonal.push(
      orthogonal.reduce((rest, other) => {
        const factor = inner(rest, other) / inner(other, other);
        return rest.map((value, i) => value - factor * (other[i] as number));
      }, row),
    );
  }
  let found = [...start];
  for (let pass = 0; pass < 12; pass++) {
    for (let i = basis.length - 1; i >= 0; i--) {
      const gap = found.map((value, k) => Number(value - (wanted[k] as bigint)));
      const plane = orthogonal[i] as number[];
      const times = BigInt(Math.round(inner(gap, plane) / inner(plane, plane)));
      found = found.map((value, k) => value - times * ((basis[i] as readonly bigint[])[k] as bigint));
    }
  }
  return found;
}
