import type { Hex } from 'viem';
import type { Certificate } from '../../audit/certificate.ts';
import type { CountsCertificate } from '../../audit/counts/countsCertificate.ts';
import { showId } from '../framework/ids.ts';

type OfSet = Pick<CountsCertificate, 'kind' | 'set' | 'circuit'> | Exclude<Certificate, CountsCertificate>;

/**
 * Why a certificate is not of the audit set in a file.
 *
 * @param name of the file, for what is told
 * @throws DATA_SET_MALFORMED
 */
export async function setProblems(name: string, file: Uint8Array, certificate: OfSet): Promise<string[]> {
  if (certificate.kind !== 'counts') return [`a certificate of ${certificate.kind} is of no audit set`];
  const { readOrNone } = await import('../../audit/verdict.ts');
  const { decodeAuditShape } = await import('../../commitment/decodeShape.ts');
  const { loadPoseidon2 } = await import('../../commitment/poseidon2.ts');
  const { decodeAuditSet } = await import('../../data/auditSetBlob.ts');
  const { specOf } = await import('../../proof/specOf.ts');
  const { id, features, featureBits } = decodeAuditSet(await loadPoseidon2(), file);
  if (showId(id) !== certificate.set.setId) return [`it is of set ${certificate.set.setId}, ${name} is ${showId(id)}`];
  // The id does not tell how samples are cut: the same leaves may be read as samples of more features that are narrower.
  const shape = readOrNone(() => decodeAuditShape(certificate.circuit.shape as Hex));
  const isSameCut = shape !== undefined && shape.sizes[0] === features && specOf(shape.specId)?.fx === featureBits;
  return isSameCut ? [] : [`its circuit does not read the set as samples of ${features} features of ${featureBits} bits`];
}
