import type { AuditClaim } from '../chain/getAuditClaims.ts';
import type { Claim } from './claims.ts';

/** A claim as the AuditRegistry takes it. */
export function claimOnChain(claim: Claim): AuditClaim {
  if ('atLeast' in claim) {
    const about = claim.kind === 'recall' ? claim.class : claim.kind === 'calibration' ? claim.margin : 0;
    return { kind: claim.kind, class: about, numerator: BigInt(claim.atLeast), denominator: BigInt(claim.of) };
  }
  const { kind, class: about, atMost } = claim;
  return { kind, class: about, numerator: BigInt(atMost.numerator), denominator: BigInt(atMost.denominator) };
}
