import { z } from 'zod';
import { claimSchema } from './claims.ts';
import { permits } from './permits.ts';

// A certificate: an audit's statement, its proofs, and what is needed to check them from this file alone (docs/reference/encodings.md, "Audit certificate").

const bytes = z.string().regex(/^0x([0-9a-f]{2})*$/);
const word = z.string().regex(/^0x[0-9a-f]{64}$/);
const address = z.string().regex(/^0x[0-9a-f]{40}$/);
const chainId = z.int().min(0);

const circuit = z.strictObject({
  circuitId: word,
  shape: bytes,
  statementVerifier: address,
  statementVerifierCodeHash: word,
  proofVerifierCodeHash: word,
});

export const certificateSchema = z.strictObject({
  format: z.literal('assay-audit-certificate'),
  version: z.literal(1),
  checkpointId: word,
  set: z.strictObject({
    setId: word,
    root: word,
    depth: z.int().min(1).max(8),
    chunks: z.int().min(1).max(256),
    samples: z.int().min(1).max(65_535),
    classes: z.int().min(1).max(255),
    groups: z.int().min(1).max(255),
  }),
  audit: z.strictObject({
    auditId: word,
    chainId,
    /** The AuditRegistry and who opened the audit there; zero where it was opened nowhere. */
    registry: address,
    opener: address,
    nonce: word,
    /** 0 where the whole set is taken. */
    draws: z.int().min(0).max(255),
    /** Of a draw. */
    seed: word.nullable(),
  }),
  claims: z.array(claimSchema).max(64),
  /** Samples by label and answer over all chunks. */
  counts: z.array(z.int().min(0)).max(3840),
  circuit,
  chunks: z
    .array(z.strictObject({ chunk: z.int().min(0).max(255), maskId: word, counts: z.array(word).max(256), proof: bytes, opening: bytes }))
    .min(1)
    .max(256),
  wellFormed: z.strictObject({
    circuit,
    /** The ModelRegistry that its proofs were made for; zero where none was. */
    registry: address,
    segments: z
      .array(z.strictObject({ maskId: word, proof: bytes, opening: bytes }))
      .min(1)
      .max(64),
  }),
  ceremony: z.enum(['dev', 'public']),
  tools: z.strictObject({ assay: z.string().max(40), noir: z.string().max(40), barretenberg: z.string().max(40) }),
  permits: z
    .array(z.string().max(400))
    .refine((said) => JSON.stringify(said) === JSON.stringify(permits), 'other words than a certificate says'),
});
export type Certificate = z.infer<typeof certificateSchema>;
