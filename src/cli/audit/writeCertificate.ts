import type { Certificate } from '../../audit/certificate.ts';
import { AssayError } from '../../errors.ts';
import type { CommandContext } from '../framework/command.ts';
import { ceremonyOf, circuitCacheDirectory } from '../framework/folders.ts';
import { writeWholeFile } from '../framework/writeWholeFile.ts';

/**
 * Verifies a certificate that was just made, and writes it: CBOR where the file ends in .cbor, else JSON. What is false is not written.
 *
 * @param why what to do where it is false
 * @returns its bytes
 * @throws PROOF_INVALID
 */
export async function writeCertificate(
  { settings, progress }: CommandContext,
  file: string,
  certificate: Certificate,
  why = 'This is a bug: please report it.',
): Promise<number> {
  const { encodeCertificate, encodeCertificateCbor } = await import('../../audit/encodeCertificate.ts');
  const { verifyCertificate } = await import('../../audit/verifyCertificate.ts');
  const { failures } = await progress.step("verify with the contracts' code", (update) =>
    verifyCertificate({ certificate, ceremony: ceremonyOf(settings), cacheDirectory: circuitCacheDirectory(settings), onProgress: update }),
  );
  if (failures.length > 0) {
    throw new AssayError('PROOF_INVALID', 'the certificate that was just made does not verify', {
      details: failures.join('\n'),
      hint: why,
    });
  }
  const bytes = file.endsWith('.cbor') ? encodeCertificateCbor(certificate) : encodeCertificate(certificate);
  await writeWholeFile(file, bytes);
  return bytes.length;
}
