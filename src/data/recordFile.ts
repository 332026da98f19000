import { z } from 'zod';
import { AssayError } from '../errors.ts';

/** One sample with its label, and what hides it in its digest: opens the record of a membership proof. */
export const recordSchema = z.strictObject({
  /** In [0, 2^fx), as the data set has them. */
  features: z.array(z.int().min(0).max(255)).min(1).max(65_535),
  label: z.int().min(0).max(255),
  /** A word; 0 where the record is public. */
  salt: z.string().regex(/^0x[0-9a-f]{64}$/),
});
export type OpenedRecord = z.infer<typeof recordSchema>;

const fileSchema = z.strictObject({ format: z.literal('assay-record'), version: z.literal(1), ...recordSchema.shape });
type File = z.infer<typeof fileSchema>;

const text = (file: File): string => `${JSON.stringify(file, null, 2)}\n`;

/** A record as the file of docs/reference/encodings.md, "Record file". */
export function encodeRecordFile({ features, label, salt }: OpenedRecord): Uint8Array {
  return new TextEncoder().encode(text(fileSchema.parse({ format: 'assay-record', version: 1, features, label, salt })));
}

/** Reads a record file; accepts one encoding of each record only. @throws DATA_RECORD_MALFORMED */
export function decodeRecordFile(bytes: Uint8Array): OpenedRecord {
  try {
    const read = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const { format, version, ...record } = fileSchema.parse(JSON.parse(read));
    if (text({ format, version, ...record }) === read) return record;
  } catch {
    // Falls through to the one error below.
  }
  throw new AssayError('DATA_RECORD_MALFORMED', 'this is no record file', {
    hint: 'It is what `assay audit membership` writes beside the certificate.',
  });
}
