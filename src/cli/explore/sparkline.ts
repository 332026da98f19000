const bars = '▁▂▃▄▅▆▇█';

/** Numbers as a line of bars, at most `width` of them, evenly picked; the last is always there. */
export function sparkline(values: readonly number[], width: number): string {
  const count = Math.min(values.length, width);
  const picked = Array.from(
    { length: count },
    (_, i) => values[count === 1 ? values.length - 1 : Math.round((i * (values.length - 1)) / (count - 1))] as number,
  );
  const low = Math.min(...picked);
  const span = Math.max(...picked) - low;
  return picked.map((value) => bars[span === 0 ? 0 : Math.round(((value - low) / span) * (bars.length - 1))]).join('');
}
