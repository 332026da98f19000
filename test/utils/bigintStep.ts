import { type ArithmeticSpec, weightBits } from '../../src/quant/spec.ts';

/** The step written once more on BigInts, straight from docs/reference/encodings.md: slow, and nothing in it can round or wrap. */
export type BigStep = {
  weights: bigint[][];
  loss: bigint;
  layers: { z: bigint[]; f: bigint[]; outputs: bigint[]; deltas: bigint[]; h: bigint[] | undefined }[];
};

const clip = (x: bigint, low: bigint, high: bigint): bigint => (x < low ? low : x > high ? high : x);

export function bigintStep(
  spec: ArithmeticSpec,
  sizes: readonly number[],
  weights: readonly ArrayLike<number>[],
  features: ArrayLike<number>,
  labels: ArrayLike<number>,
): BigStep {
  const samples = 2 ** spec.lb;
  const fw = BigInt(weightBits(spec));
  const fd = BigInt(spec.fd);
  const activationMax = (1n << BigInt(spec.actBits)) - 1n;
  const w = weights.map((layer) => Array.from(layer, BigInt));
  const count = w.length;
  const at = (l: number): bigint[] => w[l] as bigint[];
  // a[l][s][i], bias last
  const a: bigint[][][] = [
    Array.from({ length: samples }, (_, s) => [
      ...Array.from({ length: sizes[0] as number }, (_, i) => BigInt(features[s * (sizes[0] as number) + i] as number)),
      1n << BigInt(spec.fa),
    ]),
  ];
  const z: bigint[][][] = [];
  const f: bigint[][][] = [];
  const outputs: bigint[][][] = [];
  for (let l = 0; l < count; l++) {
    const m = sizes[l + 1] as number;
    const last = l === count - 1;
    z.push(
      (a[l] as bigint[][]).map((row) =>
        Array.from({ length: m }, (_, j) => row.reduce((sum, x, i) => sum + x * (at(l)[i * m + j] as bigint), 0n)),
      ),
    );
    f.push((z[l] as bigint[][]).map((row) => row.map((v) => (last ? (v >> (fw + 2n)) + (1n << (fd - 1n)) : v >> fw))));
    outputs.push((f[l] as bigint[][]).map((row) => row.map((v) => (last ? clip(v, 0n, 1n << fd) : clip(v, 0n, activationMax)))));
    a.push((outputs[l] as bigint[][]).map((row) => [...row, 1n << BigInt(spec.fa)]));
  }
  const d: bigint[][][] = [];
  const h: (bigint[][] | undefined)[] = [];
  for (let l = count - 1; l >= 0; l--) {
    if (l === count - 1) {
      d[l] = (outputs[l] as bigint[][]).map((row, s) => row.map((q, j) => q - (labels[s] === j ? 1n << fd : 0n)));
      h[l] = undefined;
      continue;
    }
    const m = sizes[l + 2] as number;
    const n = sizes[l + 1] as number;
    h[l] = (d[l + 1] as bigint[][]).map((row) =>
      Array.from({ length: n }, (_, i) => row.reduce((sum, e, j) => sum + e * (at(l + 1)[i * m + j] as bigint), 0n)),
    );
    d[l] = (h[l] as bigint[][]).map((row, s) =>
      row.map((v, i) => {
        const quotient = ((f[l] as bigint[][])[s] as bigint[])[i] as bigint;
        return quotient >= 0n && quotient <= activationMax ? (v + (1n << (fw - 1n))) >> fw : 0n;
      }),
    );
  }
  const after = w.map((layer, l) => {
    const m = sizes[l + 1] as number;
    return layer.map((v, k) => {
      const [i, j] = [Math.floor(k / m), k % m];
      return (a[l] as bigint[][]).reduce(
        (sum, row, s) => sum - (row[i] as bigint) * (((d[l] as bigint[][])[s] as bigint[])[j] as bigint),
        v,
      );
    });
  });
  const loss = (d[count - 1] as bigint[][]).flat().reduce((sum, e) => sum + e * e, 0n);
  return {
    weights: after,
    loss,
    layers: w.map((_, l) => ({
      z: (z[l] as bigint[][]).flat(),
      f: (f[l] as bigint[][]).flat(),
      outputs: (outputs[l] as bigint[][]).flat(),
      deltas: (d[l] as bigint[][]).flat(),
      h: h[l]?.flat(),
    })),
  };
}
