import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { jobManagerAbi } from './generated/JobManager.ts';

/** Cancels a job that nobody proves: its worst slot has lapsed `maxLapses` lease lengths ago. Anyone. Throws CHAIN_NOT_LAPSED. */
export async function closeJob(chain: ChainWriter, deployment: Deployment, jobId: bigint): Promise<Sent> {
  const { sent } = await write(chain, jobManagerAbi, deployment.addresses.jobManager, 'close', [jobId]);
  return sent;
}
