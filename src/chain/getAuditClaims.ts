import type { Hex } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { auditRegistryAbi } from './generated/AuditRegistry.ts';

/** In the order of IAuditRegistry.ClaimKind. */
export const claimKinds = ['accuracy', 'recall', 'parity', 'equal-opportunity', 'calibration'] as const;

/** A claim as the registry holds it. */
export type AuditClaim = {
  readonly kind: (typeof claimKinds)[number];
  /** Of recall and equal opportunity, the samples' class; of parity, the answer; of accuracy 0; of calibration, the number of the threshold. */
  readonly class: number;
  /** accuracy, recall, calibration: at least so many right answers of exactly so many samples. Else: no two groups' rates differ by more than the ratio. */
  readonly numerator: bigint;
  readonly denominator: bigint;
};

export type AuditClaimRecord = AuditClaim & {
  /** Its number among the audit's. */
  readonly claimId: bigint;
  /** Block. */
  readonly claimedAt: bigint;
  /** Audits by which it was disputed: the events AuditDisputed tell which. */
  readonly disputes: bigint;
};

/** What an audit's opener has claimed of it, in order; each is borne out by its counts. */
export async function getAuditClaims(chain: ChainReader, deployment: Deployment, auditId: Hex): Promise<readonly AuditClaimRecord[]> {
  const found = await read(chain, auditRegistryAbi, deployment.addresses.auditRegistry, 'claimsOf', [auditId]);
  return found.map(({ claim, claimedAt, disputes }, i) => ({
    ...claim,
    kind: claimKinds[claim.kind] as AuditClaim['kind'],
    claimId: BigInt(i),
    claimedAt,
    disputes,
  }));
}
