import { z } from 'zod';
import { maxThreshold, maxThresholds } from '../../commitment/marginThresholds.ts';
import { claimSchema } from '../claims.ts';
import {
  addressSchema,
  bytesSchema,
  chainIdSchema,
  circuitSchema,
  headOf,
  noirToolsSchema,
  tailOf,
  wellFormedSchema,
  wordSchema,
} from '../parts.ts';

/** How often a committed model gives which answer to the samples of a committed set, and what follows. */
export const countsCertificateSchema = z.strictObject({
  ...headOf('counts'),
  checkpointId: wordSchema,
  set: z.strictObject({
    setId: wordSchema,
    root: wordSchema,
    depth: z.int().min(1).max(8),
    chunks: z.int().min(1).max(256),
    samples: z.int().min(1).max(65_535),
    classes: z.int().min(1).max(255),
    groups: z.int().min(1).max(255),
  }),
  audit: z.strictObject({
    auditId: wordSchema,
    chainId: chainIdSchema,
    /** The AuditRegistry and who opened the audit there; zero where it was opened nowhere. */
    registry: addressSchema,
    opener: addressSchema,
    nonce: wordSchema,
    /** 0 where the whole set is taken. */
    draws: z.int().min(0).max(255),
    /** Of a draw. */
    seed: wordSchema.nullable(),
  }),
  claims: z.array(claimSchema).max(64),
  /** Margins that the counts are told apart by, as integers of the logits' scale; none for counts by label and answer alone. */
  thresholds: z.array(z.int().min(1).max(maxThreshold)).max(maxThresholds),
  /** Samples by label, answer and bin of margin over all chunks. */
  counts: z.array(z.int().min(0)).max(3840),
  circuit: circuitSchema,
  chunks: z
    .array(
      z.strictObject({
        chunk: z.int().min(0).max(255),
        maskId: wordSchema,
        counts: z.array(wordSchema).max(256),
        proof: bytesSchema,
        opening: bytesSchema,
      }),
    )
    .min(1)
    .max(256),
  wellFormed: wellFormedSchema,
  ...tailOf('counts', noirToolsSchema),
});
export type CountsCertificate = z.infer<typeof countsCertificateSchema>;
