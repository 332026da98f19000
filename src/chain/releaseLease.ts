import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { jobManagerAbi } from './generated/JobManager.ts';

/** Gives the job's current lease back, free of charge in its first blocks. Throws CHAIN_RELEASE_TOO_LATE, CHAIN_NOT_LEASE_HOLDER. */
export async function releaseLease(chain: ChainWriter, deployment: Deployment, jobId: bigint): Promise<Sent> {
  const { sent } = await write(chain, jobManagerAbi, deployment.addresses.jobManager, 'release', [jobId]);
  return sent;
}
