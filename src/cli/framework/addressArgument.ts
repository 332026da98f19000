import { type Address, getAddress, isAddress } from 'viem';
import { z } from 'zod';
import type { InputSpec } from './command.ts';

/** An address that a command takes as its argument. */
export function addressArgument(description: string): InputSpec<Address> {
  return {
    flags: '<address>',
    description,
    schema: z
      .string()
      .refine((text) => isAddress(text), 'expected an address')
      .transform((text) => getAddress(text)),
  };
}
