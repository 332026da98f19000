import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { jobManagerAbi } from './generated/JobManager.ts';

/** Stops new leases. Requester only. */
export async function pauseJob(chain: ChainWriter, deployment: Deployment, jobId: bigint): Promise<Sent> {
  const { sent } = await write(chain, jobManagerAbi, deployment.addresses.jobManager, 'pause', [jobId]);
  return sent;
}
