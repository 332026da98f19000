import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { jobManagerAbi } from './generated/JobManager.ts';

/** How many inputs a job has been given. */
export async function getInputCount(chain: ChainReader, deployment: Deployment, jobId: bigint): Promise<number> {
  return Number(await read(chain, jobManagerAbi, deployment.addresses.jobManager, 'inputCount', [jobId]));
}
