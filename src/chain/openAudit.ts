import type { Address, Hex } from 'viem';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { eventFrom } from './eventFrom.ts';
import { auditRegistryAbi } from './generated/AuditRegistry.ts';

export type AuditQuestion = {
  /** Of the statement audit, with public counts, of the set's cut and labels. */
  readonly circuitId: Hex;
  /** The circuit under which the checkpoint is, or will be, shown to be well-formed. */
  readonly wellFormedCircuitId: Hex;
  readonly checkpointId: bigint;
  readonly setId: bigint;
  /** Who registered the set. Default: the sender. */
  readonly setOwner?: Address;
  /** Chunks that a later block draws, fewer than the set has. Default 0: the whole set. */
  readonly draws?: number;
};

export type OpenAuditReturnType = Sent & {
  readonly auditId: Hex;
  /** With the sender as the opener, a field of the audit's id. */
  readonly nonce: bigint;
};

/**
 * Opens an audit: every call is one of its own, and stays on show.
 *
 * @throws CHAIN_UNKNOWN_SET, CHAIN_CIRCUIT_MISMATCH, CHAIN_NOT_WELL_FORMED_CIRCUIT, CHAIN_DRAWS_OUT_OF_RANGE, CHAIN_UNKNOWN_CIRCUIT, CHAIN_OUT_OF_FIELD
 */
export async function openAudit(chain: ChainWriter, deployment: Deployment, parameters: AuditQuestion): Promise<OpenAuditReturnType> {
  const question = { setOwner: chain.account.address, draws: 0, ...parameters };
  const { receipt, sent } = await write(chain, auditRegistryAbi, deployment.addresses.auditRegistry, 'open', [question]);
  const { auditId, nonce } = eventFrom(receipt, auditRegistryAbi, 'AuditOpened');
  return { auditId, nonce, ...sent };
}
