/** Thresholds that one audit tells margins apart by. */
export const maxThresholds = 8;
/** The largest one: each has 32 bits of a word. */
export const maxThreshold = 2 ** 32 - 1;

const bits = 32n;

/** Why these are no thresholds of margins; undefined where they are. @param thresholds integers of the logits' scale */
export function thresholdsProblem(thresholds: readonly number[]): string | undefined {
  if (thresholds.length > maxThresholds) return `at most ${maxThresholds} thresholds`;
  const rising = thresholds.every((t, i) => Number.isSafeInteger(t) && t > (thresholds[i - 1] ?? 0) && t <= maxThreshold);
  return rising ? undefined : `thresholds rise from 1 to at most ${maxThreshold}`;
}

/** Thresholds as a shape has them: the first in the lowest 32 bits; 0 for none. @throws RangeError for what `thresholdsProblem` finds */
export function packThresholds(thresholds: readonly number[]): bigint {
  const problem = thresholdsProblem(thresholds);
  if (problem !== undefined) throw new RangeError(problem);
  return thresholds.reduce((word, threshold, i) => word | (BigInt(threshold) << (bits * BigInt(i))), 0n);
}

/** Reads what `packThresholds` writes; whether it is that is for packing it again to say. */
export function unpackThresholds(word: bigint): number[] {
  const thresholds: number[] = [];
  for (let rest = word; rest > 0n; rest >>= bits) thresholds.push(Number(rest & ((1n << bits) - 1n)));
  return thresholds;
}

/** The bin of a margin: how many thresholds it reaches. */
export function binOf(margin: number, thresholds: readonly number[]): number {
  return thresholds.filter((threshold) => margin >= threshold).length;
}
