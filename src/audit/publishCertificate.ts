import { type Hex, hexToBigInt, hexToBytes, isAddressEqual } from 'viem';
import type { Sent } from '../chain/call.ts';
import { claimAudit } from '../chain/claimAudit.ts';
import type { ChainWriter } from '../chain/connectChain.ts';
import type { Deployment } from '../chain/deployment.ts';
import { drawAudit } from '../chain/drawAudit.ts';
import type { AuditRecord } from '../chain/getAudit.ts';
import { getAuditClaims } from '../chain/getAuditClaims.ts';
import { getProvedSegments } from '../chain/getProvedSegments.ts';
import { isCertified } from '../chain/isCertified.ts';
import { proveAuditChunk } from '../chain/proveAuditChunk.ts';
import { proveWellFormed } from '../chain/proveWellFormed.ts';
import { AssayError } from '../errors.ts';
import { claimOnChain } from './claimOnChain.ts';
import { checkRegistry } from './counts/checkRegistry.ts';
import type { CountsCertificate } from './counts/countsCertificate.ts';

export type PublishCertificateReturnType = {
  readonly auditId: Hex;
  /** What was sent, one transaction each: draw, segment N, chunk N, claim N. */
  readonly sent: readonly (Sent & { readonly what: string })[];
  readonly certified: boolean;
  /** Claims of the certificate that the registry does not hold: only the audit's opener publishes claims. */
  readonly unclaimed: number;
};

/**
 * Publishes what of a certificate is not on chain yet: the draw, segments, chunks, then, by the audit's opener, its claims. Cut short anywhere, it goes on where it
 * stopped. Anyone may publish proofs.
 *
 * @throws AUDIT_NOT_OPENED where the registry has not opened this audit, over these chunks; CHAIN_DRAW_TOO_EARLY, CHAIN_DRAW_TOO_LATE; CHAIN_PROOF_REJECTED,
 * CHAIN_CLAIM_NOT_BORNE_OUT (exit code 3); those of the chain
 */
export async function publishCertificate(
  chain: ChainWriter,
  deployment: Deployment,
  certificate: CountsCertificate,
  onProgress?: (what: string) => void,
): Promise<PublishCertificateReturnType> {
  const { chunks, wellFormed, claims } = certificate;
  const auditId = certificate.audit.auditId as Hex;
  const sent: (Sent & { what: string })[] = [];
  const send = async (what: string, action: () => Promise<Sent>): Promise<void> => {
    onProgress?.(what);
    const { hash, blockNumber, gasUsed } = await action();
    sent.push({ what, hash, blockNumber, gasUsed });
  };

  let found = await checkRegistry(chain, deployment, certificate);
  if (found.audit?.state === 'opened') {
    await send('draw', () => drawAudit(chain, deployment, auditId));
    found = await checkRegistry(chain, deployment, certificate);
  }
  const problems = [...found.failures];
  if (wellFormed.registry !== deployment.addresses.modelRegistry.toLowerCase()) {
    problems.push(
      `that the model is well-formed was proved for registry ${wellFormed.registry}, not ${deployment.addresses.modelRegistry}`,
    );
  }
  if (problems.length > 0) {
    throw new AssayError('AUDIT_NOT_OPENED', problems.join('; '), {
      hint: 'A certificate is published where its audit was opened before it was proved.',
    });
  }
  const audit = found.audit as AuditRecord;

  const circuitId = wellFormed.circuit.circuitId as Hex;
  const checkpointId = hexToBigInt(certificate.checkpointId as Hex);
  const proved = await getProvedSegments(chain, deployment, circuitId, checkpointId);
  for (const [segment, { maskId, proof, opening }] of wellFormed.segments.entries()) {
    if ((proved >> BigInt(segment)) & 1n) continue;
    const proofs = { maskId: hexToBigInt(maskId as Hex), proof: hexToBytes(proof as Hex), opening: hexToBytes(opening as Hex) };
    await send(`segment ${segment}`, () =>
      proveWellFormed(chain, deployment, { circuitId, checkpointId, segment: BigInt(segment), ...proofs }),
    );
  }
  for (const { chunk, maskId, counts, proof, opening } of chunks) {
    if (audit.done.includes(chunk)) continue;
    await send(`chunk ${chunk}`, () =>
      proveAuditChunk(chain, deployment, {
        auditId,
        chunk,
        maskId: hexToBigInt(maskId as Hex),
        counts: counts.map((word) => hexToBigInt(word as Hex)),
        proof: hexToBytes(proof as Hex),
        opening: hexToBytes(opening as Hex),
      }),
    );
  }

  const held = await getAuditClaims(chain, deployment, auditId);
  const missing = claims
    .map(claimOnChain)
    .filter(
      (claim) =>
        !held.some(
          ({ kind, class: about, numerator, denominator }) =>
            kind === claim.kind && about === claim.class && numerator === claim.numerator && denominator === claim.denominator,
        ),
    );
  const isOpener = isAddressEqual(audit.opener, chain.account.address);
  if (isOpener) {
    for (const claim of missing) await send(`claim ${claim.kind}`, () => claimAudit(chain, deployment, auditId, claim));
  }
  return { auditId, sent, certified: await isCertified(chain, deployment, auditId), unclaimed: isOpener ? 0 : missing.length };
}
