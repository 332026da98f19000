import * as dagCbor from '@ipld/dag-cbor';
import { bytesToHex, type Hex, hexToBytes } from 'viem';
import { ZodError, type ZodType } from 'zod';
import { AssayError, exitCodes } from '../errors.ts';
import { type Certificate, certificateSchema } from './certificate.ts';

/** Longest certificate that is read: 256 proofs of 64 KiB each, as JSON. */
const maxBytes = 64 << 20;

/** The canonical JSON: two spaces a level, keys in the order of the schema, a newline at the end. */
export function encodeCertificate(certificate: Certificate): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(certificateSchema.parse(certificate), null, 2)}\n`);
}

/** The same as canonical dag-cbor: every hex string is bytes there. */
export function encodeCertificateCbor(certificate: Certificate): Uint8Array {
  return dagCbor.encode(toBytes(certificateSchema.parse(certificate)));
}

/**
 * Reads a certificate in either form; only the one canonical encoding of each is one. What it is worth is `verifyCertificate`'s to say.
 *
 * @throws AUDIT_CERTIFICATE_MALFORMED (exit code 3)
 */
export function decodeCertificate(bytes: Uint8Array): Certificate {
  const fail = (details: string): never => {
    throw new AssayError('AUDIT_CERTIFICATE_MALFORMED', 'this is no audit certificate', {
      details,
      hint: '`assay audit` writes them, as JSON or CBOR; not a byte may be changed.',
      exitCode: exitCodes.proofInvalid,
    });
  };
  if (bytes.length > maxBytes) fail(`${bytes.length} bytes are too many`);
  const isJson = bytes[0] === 0x7b;
  try {
    const value: unknown = isJson ? JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) : toHex(dagCbor.decode(bytes));
    const certificate = (certificateSchema as ZodType<Certificate>).parse(value);
    const again = isJson ? encodeCertificate(certificate) : encodeCertificateCbor(certificate);
    if (Buffer.compare(again, bytes) === 0) return certificate;
  } catch (error) {
    if (error instanceof ZodError) {
      const [first] = error.issues;
      return fail(`${first?.path.join('.') || 'the whole'}: ${first?.message}`.slice(0, 300));
    }
    return fail(error instanceof Error ? error.message.slice(0, 300) : String(error));
  }
  return fail('it is not written canonically');
}

function toBytes(value: unknown): unknown {
  if (typeof value === 'string') return /^0x([0-9a-f]{2})*$/.test(value) ? hexToBytes(value as Hex) : value;
  if (Array.isArray(value)) return value.map(toBytes);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toBytes(item)]));
}

function toHex(value: unknown): unknown {
  if (value instanceof Uint8Array) return bytesToHex(value);
  if (Array.isArray(value)) return value.map(toHex);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toHex(item)]));
}
