import type { AuditClaim } from '../chain/getAuditClaims.ts';
import type { Claim } from './claims.ts';

/** A claim that the AuditRegistry holds, as a certificate says it. Of a ratio beyond 2^53 it is near; what it is worth, the contract judges. */
export function claimFromChain({ kind, class: about, numerator, denominator }: AuditClaim): Claim {
  const share = { atLeast: Number(numerator), of: Number(denominator) };
  switch (kind) {
    case 'accuracy':
      return { kind, ...share };
    case 'recall':
      return { kind, class: about, ...share };
    case 'calibration':
      return { kind, margin: about, ...share };
    default:
      return { kind, class: about, atMost: { numerator: share.atLeast, denominator: share.of } };
  }
}
