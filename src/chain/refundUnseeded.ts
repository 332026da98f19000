import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { jobManagerAbi } from './generated/JobManager.ts';

/** Cancels and refunds a job whose seed nobody captured in time. Anyone may. */
export async function refundUnseeded(chain: ChainWriter, deployment: Deployment, jobId: bigint): Promise<Sent> {
  const { sent } = await write(chain, jobManagerAbi, deployment.addresses.jobManager, 'refundUnseeded', [jobId]);
  return sent;
}
