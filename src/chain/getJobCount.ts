import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { jobManagerAbi } from './generated/JobManager.ts';

/** How many jobs were ever opened: their numbers are 1 to this. */
export async function getJobCount(chain: ChainReader, deployment: Deployment): Promise<bigint> {
  return read(chain, jobManagerAbi, deployment.addresses.jobManager, 'jobCount', []);
}
