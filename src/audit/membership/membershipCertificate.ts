import { z } from 'zod';
import { recordSchema } from '../../data/recordFile.ts';
import { addressSchema, bytesSchema, chainIdSchema, circuitSchema, headOf, noirToolsSchema, tailOf, wordSchema } from '../parts.ts';

/** A data set contains a record; the rest of the record's minibatch stays hidden. */
export const membershipCertificateSchema = z.strictObject({
  ...headOf('membership'),
  /** Root of the data set's tree. */
  root: wordSchema,
  /** Digest of the record. */
  record: wordSchema,
  /** What opens the digest; null where it stays hidden. */
  opened: recordSchema.nullable(),
  /** For whom the proof was made: the fields of its context (the verifier is the circuit's). */
  presentation: z.strictObject({
    chainId: chainIdSchema,
    /** Who alone may show it; zero where anybody may. */
    prover: addressSchema,
    nonce: wordSchema,
    /** Unix seconds; 0 for never. */
    expiry: z.int().min(0),
  }),
  circuit: circuitSchema,
  proof: bytesSchema,
  ...tailOf('membership', noirToolsSchema),
});
export type MembershipCertificate = z.infer<typeof membershipCertificateSchema>;
