/**
 * How unequally something is spread: 0 where all have the same, near 1 where one has all.
 * With values x_1 <= ... <= x_n of sum S: (2 sum(i x_i) - (n + 1) S) / (n S). Undefined without anything to spread.
 */
export function gini(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const sum = sorted.reduce((total, value) => total + value, 0);
  if (sum <= 0) return undefined;
  const ranked = sorted.reduce((total, value, i) => total + (i + 1) * value, 0);
  return (2 * ranked - (sorted.length + 1) * sum) / (sorted.length * sum);
}

/** How many equal shares would be as concentrated (the inverse of Simpson's index): 1 / sum(p_i^2). Undefined without anything. */
export function effectiveNumber(values: readonly number[]): number | undefined {
  const sum = values.reduce((total, value) => total + value, 0);
  if (sum <= 0) return undefined;
  return 1 / values.reduce((total, value) => total + (value / sum) ** 2, 0);
}

/** The smallest value that at least a share `q` of all is not above (nearest rank). Undefined without any. @param histogram how often each value came */
export function quantile(histogram: ReadonlyMap<number, number>, q: number): number | undefined {
  const values = [...histogram].sort(([a], [b]) => a - b);
  const total = values.reduce((sum, [, times]) => sum + times, 0);
  let seen = 0;
  for (const [value, times] of values) {
    seen += times;
    if (seen >= q * total) return value;
  }
  return undefined;
}

/** Histograms as one. */
export function addHistograms(...histograms: readonly ReadonlyMap<number, number>[]): Map<number, number> {
  const sum = new Map<number, number>();
  for (const histogram of histograms) for (const [value, times] of histogram) sum.set(value, (sum.get(value) ?? 0) + times);
  return sum;
}
