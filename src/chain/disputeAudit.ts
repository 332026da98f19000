import type { Hex } from 'viem';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { auditRegistryAbi } from './generated/AuditRegistry.ts';

export type DisputeAuditParameters = {
  readonly auditId: Hex;
  /** The claim's number among the audit's. */
  readonly claimId: bigint;
  /** A certified audit of the same checkpoint by the same circuits, whose counts contradict the claim. */
  readonly otherId: Hex;
};

/**
 * Links a claim to an audit that contradicts it, as the contract finds by the counts of both. Anyone may. It says that the claim does not carry over to the
 * samples of the other audit, not that it was false of its own.
 *
 * @throws CHAIN_NOT_CONTRADICTED, CHAIN_NOT_COMPARABLE, CHAIN_NOT_CERTIFIED, CHAIN_ALREADY_DISPUTED, CHAIN_UNKNOWN_CLAIM, CHAIN_UNKNOWN_AUDIT
 */
export async function disputeAudit(chain: ChainWriter, deployment: Deployment, parameters: DisputeAuditParameters): Promise<Sent> {
  const { auditId, claimId, otherId } = parameters;
  const args = [auditId, claimId, otherId] as const;
  return (await write(chain, auditRegistryAbi, deployment.addresses.auditRegistry, 'dispute', args)).sent;
}
