import type { Certificate } from '../../audit/certificate.ts';
import type { CountsCertificate } from '../../audit/counts/countsCertificate.ts';
import { AssayError, exitCodes } from '../../errors.ts';
import { readInputFile } from '../framework/readInputFile.ts';

/** A certificate file, JSON or CBOR. @throws CLI_FILE_UNREADABLE, AUDIT_CERTIFICATE_MALFORMED (exit code 3) */
export async function readCertificate(file: string): Promise<Certificate> {
  const { decodeCertificate } = await import('../../audit/encodeCertificate.ts');
  return decodeCertificate(await readInputFile(file));
}

/** A certificate of counts, which a registry can hold. @throws AUDIT_NOT_ON_CHAIN (exit 2) for other kinds, and where it was opened on no chain */
export async function readRegistered(file: string): Promise<CountsCertificate> {
  const certificate = await readCertificate(file);
  const refuse = (why: string, hint: string): AssayError =>
    new AssayError('AUDIT_NOT_ON_CHAIN', `${file} ${why}`, { hint, exitCode: exitCodes.usage });
  if (certificate.kind !== 'counts') {
    throw refuse(`is a certificate of ${certificate.kind}`, 'The registry holds audits that count; this one is shown as a file.');
  }
  if (/^0x0+$/.test(certificate.audit.registry)) {
    throw refuse('was opened on no chain', 'What is opened first can be published: prove it with a deployment (--deployment).');
  }
  return certificate;
}
