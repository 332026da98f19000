import { verifyAnswer } from './answer/verifyAnswer.ts';
import type { Certificate } from './certificate.ts';
import { verifyCounts } from './counts/verifyCounts.ts';
import { verifyLineageCertificate } from './lineage/verifyLineageCertificate.ts';
import { verifyMembership } from './membership/verifyMembership.ts';
import type { VerifyCertificateReturnType, VerifyKindParameters } from './verdict.ts';

/**
 * Verifies a certificate of any kind from the file alone, with circuits and verifier code that this package builds itself.
 *
 * @throws CIRCUIT_MISMATCH (exit 6) for a circuit that is not known here; those of the artifacts' builders
 */
export async function verifyCertificate(parameters: VerifyKindParameters<Certificate>): Promise<VerifyCertificateReturnType> {
  const { certificate, ...rest } = parameters;
  switch (certificate.kind) {
    case 'counts':
      return verifyCounts({ ...rest, certificate });
    case 'answer':
      return verifyAnswer({ ...rest, certificate });
    case 'lineage':
      return verifyLineageCertificate({ ...rest, certificate });
    case 'membership':
      return verifyMembership({ ...rest, certificate });
  }
}
