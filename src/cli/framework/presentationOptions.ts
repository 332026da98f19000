import type { Address, Hex } from 'viem';
import { z } from 'zod';

/** For whom a proof is made, and for how long: what its context is of. */
export const presentationOptions = {
  to: {
    flags: '--to <address>',
    description: 'who alone may show the proof (default: anybody)',
    schema: z
      .string()
      .regex(/^0x[0-9a-fA-F]{40}$/, 'expected an address')
      .transform((text) => text as Address)
      .optional(),
  },
  nonce: {
    flags: '--nonce <hex>',
    description: 'what the one who asked for the proof chose, 32 bytes (default: random)',
    schema: z
      .string()
      .regex(/^0x[0-9a-fA-F]{64}$/, 'expected 32 bytes in hex')
      .transform((text) => text.toLowerCase() as Hex)
      .optional(),
  },
  expires: {
    flags: '--expires <seconds>',
    description: 'how long the proof counts, from now (default: for ever)',
    schema: z.coerce
      .number()
      .int()
      .min(1)
      .max(2 ** 40)
      .optional(),
  },
};
