const exact = new Intl.NumberFormat('en', { maximumFractionDigits: 4 });

/** A number for people: groups of three, at most four decimals. */
export function number(value: number | bigint): string {
  return exact.format(value);
}
