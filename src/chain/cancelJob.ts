import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { jobManagerAbi } from './generated/JobManager.ts';

/** Stops new leases for good; what is unspent becomes claimable by the requester. Requester only. */
export async function cancelJob(chain: ChainWriter, deployment: Deployment, jobId: bigint): Promise<Sent> {
  const { sent } = await write(chain, jobManagerAbi, deployment.addresses.jobManager, 'cancel', [jobId]);
  return sent;
}
