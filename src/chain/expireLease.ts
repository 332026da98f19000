import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { jobManagerAbi } from './generated/JobManager.ts';

/** Ends a lease after its deadline. Anyone may. Throws CHAIN_LEASE_NOT_EXPIRED. */
export async function expireLease(chain: ChainWriter, deployment: Deployment, jobId: bigint): Promise<Sent> {
  const { sent } = await write(chain, jobManagerAbi, deployment.addresses.jobManager, 'expire', [jobId]);
  return sent;
}
