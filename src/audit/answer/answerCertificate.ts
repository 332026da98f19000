import { z } from 'zod';
import { bytesSchema, circuitSchema, headOf, noirToolsSchema, presentationSchema, tailOf, wellFormedSchema, wordSchema } from '../parts.ts';

/** A committed model gave these answers to the features behind a commitment. */
export const answerCertificateSchema = z.strictObject({
  ...headOf('answer'),
  checkpointId: wordSchema,
  /** Commitment of the input. */
  inputId: wordSchema,
  /** What opens it, a byte a feature, input by input; null where the input stays hidden. */
  input: z.strictObject({ features: bytesSchema, salt: wordSchema }).nullable(),
  /** Classes, or logits input by input. */
  answers: z
    .array(z.union([z.int(), z.array(z.int()).max(65_535)]))
    .min(1)
    .max(65_535),
  presentation: presentationSchema,
  circuit: circuitSchema,
  maskId: wordSchema,
  /** The statement's words that the answers are packed in. */
  outputs: z.array(wordSchema).min(1).max(256),
  proof: bytesSchema,
  opening: bytesSchema,
  wellFormed: wellFormedSchema,
  ...tailOf('answer', noirToolsSchema.extend({ circom: z.string().max(40).nullable() })),
});
export type AnswerCertificate = z.infer<typeof answerCertificateSchema>;
