import { z } from 'zod';
import { answerCertificateSchema } from './answer/answerCertificate.ts';
import { countsCertificateSchema } from './counts/countsCertificate.ts';
import { lineageCertificateSchema } from './lineage/lineageCertificate.ts';
import { membershipCertificateSchema } from './membership/membershipCertificate.ts';

/** A statement, its proofs, and what is needed to check them from this file alone (docs/reference/encodings.md, "Certificates"): one schema a kind. */
export const certificateSchema = z.discriminatedUnion('kind', [
  countsCertificateSchema,
  answerCertificateSchema,
  lineageCertificateSchema,
  membershipCertificateSchema,
]);
export type Certificate = z.infer<typeof certificateSchema>;
