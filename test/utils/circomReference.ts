import { type ArithmeticSpec, weightBits } from '../../src/quant/spec.ts';

/** The forward pass of docs/reference/encodings.md in BigInt, written apart from the product's; `clipped` counts the activations that are. */
export function bigintForward(
  spec: ArithmeticSpec,
  sizes: readonly number[],
  weights: readonly Int32Array[],
  features: ArrayLike<number>,
): { logits: bigint[]; clipped: number } {
  const top = (1n << BigInt(spec.actBits)) - 1n;
  let clipped = 0;
  let inputs = Array.from(features, BigInt);
  let logits: bigint[] = [];
  weights.forEach((layer, l) => {
    const m = sizes[l + 1] as number;
    const rows = [...inputs, 1n << BigInt(spec.fa)];
    logits = Array.from({ length: m }, (_, j) => rows.reduce((sum, x, i) => sum + x * BigInt(layer[i * m + j] as number), 0n));
    if (l === weights.length - 1) return;
    inputs = logits.map((z) => {
      const f = z >> BigInt(weightBits(spec));
      if (f < 0n || f > top) clipped++;
      return f < 0n ? 0n : f > top ? top : f;
    });
  });
  return { logits, clipped };
}
