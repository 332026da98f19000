const exact = new Intl.NumberFormat('en', { maximumFractionDigits: 4 });
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** A number for people: groups of three, at most four decimals, and none from a thousand on. */
export function number(value: number | bigint): string {
  return (typeof value === 'number' && Math.abs(value) >= 1_000 ? whole : exact).format(value);
}
