import { z } from 'zod';
import { recordSchema } from '../../data/recordFile.ts';
import { bytesSchema, circuitSchema, headOf, noirToolsSchema, presentationSchema, tailOf, wordSchema } from '../parts.ts';

/** A data set contains a record; the rest of the record's minibatch stays hidden. */
export const membershipCertificateSchema = z.strictObject({
  ...headOf('membership'),
  /** Root of the data set's tree. */
  root: wordSchema,
  /** Digest of the record. */
  record: wordSchema,
  /** What opens the digest; null where it stays hidden. */
  opened: recordSchema.nullable(),
  presentation: presentationSchema,
  circuit: circuitSchema,
  proof: bytesSchema,
  ...tailOf('membership', noirToolsSchema),
});
export type MembershipCertificate = z.infer<typeof membershipCertificateSchema>;
