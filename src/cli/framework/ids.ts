import type { Hex } from 'viem';
import { z } from 'zod';

/** A field-valued id (checkpoint, root, seed, context) as 32 bytes of hex: what the command line shows and takes. */
export function showId(id: bigint): Hex {
  return `0x${id.toString(16).padStart(64, '0')}`;
}

/** A field-valued id, in hex or decimal. */
export const fieldId = z
  .string()
  .regex(/^(0x[0-9a-fA-F]{1,64}|[0-9]{1,77})$/, 'expected an id, in hex with 0x in front or in decimal')
  .transform(BigInt);
