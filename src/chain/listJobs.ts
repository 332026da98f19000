import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { jobManagerAbi } from './generated/JobManager.ts';
import { getJob, type Job } from './getJob.ts';

export type ListJobsParameters = {
  /** Newest first, at most this many. Default 100. */
  readonly limit?: number;
};

/** Jobs, newest first. */
export async function listJobs(chain: ChainReader, deployment: Deployment, parameters: ListJobsParameters = {}): Promise<readonly Job[]> {
  const count = await read(chain, jobManagerAbi, deployment.addresses.jobManager, 'jobCount', []);
  const limit = BigInt(parameters.limit ?? 100);
  const jobs: Job[] = [];
  for (let jobId = count; jobId > 0n && count - jobId < limit; jobId--) jobs.push(await getJob(chain, deployment, jobId));
  return jobs;
}
