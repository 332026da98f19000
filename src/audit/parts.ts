import { z } from 'zod';
import { type CertificateKind, permits } from './permits.ts';

// What certificates of every kind are made of (docs/reference/encodings.md, "Certificates").

export const bytesSchema = z.string().regex(/^0x([0-9a-f]{2})*$/);
export const wordSchema = z.string().regex(/^0x[0-9a-f]{64}$/);
export const addressSchema = z.string().regex(/^0x[0-9a-f]{40}$/);
export const chainIdSchema = z.int().min(0);

/** A circuit, and the code that decides about its proofs. */
export const circuitSchema = z.strictObject({
  circuitId: wordSchema,
  shape: bytesSchema,
  statementVerifier: addressSchema,
  statementVerifierCodeHash: wordSchema,
  proofVerifierCodeHash: wordSchema,
});
export type CertificateCircuit = z.infer<typeof circuitSchema>;

/** Proofs that a checkpoint is well-formed, segment by segment. */
export const wellFormedSchema = z.strictObject({
  circuit: circuitSchema,
  /** The ModelRegistry that its proofs were made for; zero where none was. */
  registry: addressSchema,
  segments: z
    .array(z.strictObject({ maskId: wordSchema, proof: bytesSchema, opening: bytesSchema }))
    .min(1)
    .max(64),
});
export type CertificateWellFormed = z.infer<typeof wellFormedSchema>;

/** For whom a proof was made: the fields of its context (the verifier is the circuit's). */
export const presentationSchema = z.strictObject({
  chainId: chainIdSchema,
  /** Who alone may show it; zero where anybody may. */
  prover: addressSchema,
  nonce: wordSchema,
  /** Unix seconds; 0 for never. */
  expiry: z.int().min(0),
});

const version = z.string().max(40);
/** What circuits in Noir were built and proved with. */
export const noirToolsSchema = z.strictObject({ assay: version, noir: version, barretenberg: version });

/** The first keys of every certificate. */
export function headOf<Kind extends CertificateKind>(kind: Kind) {
  return { format: z.literal('assay-audit-certificate'), version: z.literal(1), kind: z.literal(kind) };
}

/** The last keys of every certificate. */
export function tailOf<Tools extends z.ZodType>(kind: CertificateKind, tools: Tools) {
  return {
    ceremony: z.enum(['dev', 'public']),
    tools,
    permits: z
      .array(z.string().max(400))
      .refine((said) => JSON.stringify(said) === JSON.stringify(permits[kind]), 'other words than a certificate of its kind says'),
  };
}
