import type { AuditSetFields } from '../commitment/ids.ts';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { auditRegistryAbi } from './generated/AuditRegistry.ts';

/**
 * Registers an audit set under the sender's name; the block of a first registration stays.
 *
 * @returns its id, a hash of the fields
 * @throws CHAIN_SET_OUT_OF_RANGE, CHAIN_OUT_OF_FIELD
 */
export async function registerAuditSet(
  chain: ChainWriter,
  deployment: Deployment,
  { root, depth, chunks, samples, classes, groups }: AuditSetFields,
): Promise<Sent & { setId: bigint }> {
  const args = [{ root, depth, chunks, samples, classes, groups }] as const;
  // A content hash, so the simulated result cannot differ from the mined one.
  const { result, sent } = await write(chain, auditRegistryAbi, deployment.addresses.auditRegistry, 'registerSet', args);
  return { setId: result, ...sent };
}
