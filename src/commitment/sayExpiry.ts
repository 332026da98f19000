/** When a proof ends, for people: unix seconds where no date is that late. Whoever makes a proof chooses its end. */
export function sayExpiry(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? `unix second ${seconds}` : date.toISOString();
}
