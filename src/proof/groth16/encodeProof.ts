import { numberToBytes } from 'viem';
import { z } from 'zod';
import { Q } from '../../commitment/field.ts';
import { AssayError } from '../../errors.ts';

const coordinate = z
  .string()
  .regex(/^(0|[1-9]\d{0,77})$/)
  .transform((text) => BigInt(text))
  .refine((value) => value < Q);
const one = z.literal('1');
const pair = z.tuple([coordinate, coordinate]);
const proofSchema = z.object({
  pi_a: z.tuple([coordinate, coordinate, one]),
  pi_b: z.tuple([pair, pair, z.tuple([one, z.literal('0')])]),
  pi_c: z.tuple([coordinate, coordinate, one]),
});

/**
 * The bytes of a proof that snarkjs, or a prover with its output format, wrote as JSON.
 *
 * @throws PROVER_OUTPUT_INVALID
 */
export function encodeProof(json: unknown): Uint8Array {
  const parsed = proofSchema.safeParse(json);
  if (!parsed.success) {
    throw new AssayError('PROVER_OUTPUT_INVALID', 'the prover wrote something that is no proof', {
      details: z.prettifyError(parsed.error).slice(0, 1000),
    });
  }
  const { pi_a: a, pi_b: b, pi_c: c } = parsed.data;
  const words = [a[0], a[1], b[0][1], b[0][0], b[1][1], b[1][0], c[0], c[1]];
  const bytes = new Uint8Array(256);
  for (const [i, word] of words.entries()) bytes.set(numberToBytes(word, { size: 32 }), 32 * i);
  return bytes;
}
