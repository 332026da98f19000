import type { Hex } from 'viem';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { eventFrom } from './eventFrom.ts';
import { auditRegistryAbi } from './generated/AuditRegistry.ts';
import { type AuditClaim, claimKinds } from './getAuditClaims.ts';

/**
 * Publishes what a certified audit shows; only its opener may. The contract compares it with the audit's counts.
 *
 * @returns the claim's number among the audit's
 * @throws CHAIN_CLAIM_NOT_BORNE_OUT (exit code 3), CHAIN_CLAIM_OUT_OF_RANGE, CHAIN_NOT_CERTIFIED, CHAIN_NOT_THE_OPENER, CHAIN_TOO_MANY_CLAIMS, CHAIN_UNKNOWN_AUDIT
 */
export async function claimAudit(
  chain: ChainWriter,
  deployment: Deployment,
  auditId: Hex,
  claim: AuditClaim,
): Promise<Sent & { claimId: bigint }> {
  const args = [auditId, { ...claim, kind: claimKinds.indexOf(claim.kind) }] as const;
  const { receipt, sent } = await write(chain, auditRegistryAbi, deployment.addresses.auditRegistry, 'claim', args);
  return { claimId: eventFrom(receipt, auditRegistryAbi, 'AuditClaimed').claimId, ...sent };
}
