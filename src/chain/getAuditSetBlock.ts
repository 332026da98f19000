import type { Address } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { auditRegistryAbi } from './generated/AuditRegistry.ts';

/** Block in which `owner` registered the set; undefined if it did not. */
export async function getAuditSetBlock(
  chain: ChainReader,
  deployment: Deployment,
  setId: bigint,
  owner: Address,
): Promise<bigint | undefined> {
  const found = await read(chain, auditRegistryAbi, deployment.addresses.auditRegistry, 'registeredAt', [setId, owner]);
  return found === 0n ? undefined : found;
}
