import { parseGwei } from 'viem';
import { z } from 'zod';
import type { InputSpecs } from './command.ts';

/** What commands take whose role must get its transactions into blocks. */
export type TransactionInput = { readonly replaceAfter: number | undefined; readonly maxFee: bigint | undefined };

export const transactionOptions: InputSpecs<TransactionInput> = {
  replaceAfter: {
    flags: '--replace-after <seconds>',
    description: 'replace a transaction that waits so long for a block by a dearer one of the same nonce (default 45)',
    schema: z.coerce.number().min(1).max(86_400).optional(),
  },
  maxFee: {
    flags: '--max-fee <gwei>',
    description: 'the most that such a replacement may offer for a unit of gas (default: ten times what the first offered)',
    schema: z
      .string()
      .regex(/^\d{1,9}(\.\d{1,9})?$/, 'expected gwei, as 30 or 0.5')
      .transform((text) => parseGwei(text))
      .optional(),
  },
};
