import { formatUnits, parseUnits } from 'viem';
import { z } from 'zod';

/** Decimals of the stake token, and of the amounts that the command line takes and shows. */
const decimals = 18;

const whole = (text: string, ctx: { addIssue(message: string): void }): bigint => {
  if (!/^\d{1,20}(\.\d{1,18})?$/.test(text)) {
    ctx.addIssue('expected an amount in whole tokens, as 10 or 0.25, with at most 18 decimals');
    return z.NEVER;
  }
  return parseUnits(text, decimals);
};

/** An amount in whole tokens ("10", "0.25"), as units of 1e-18. */
export const tokenAmount = z.string().transform(whole);

/** Units of 1e-18 as whole tokens. */
export function showTokens(amount: bigint | string): string {
  return formatUnits(BigInt(amount), decimals);
}
