import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { jobManagerAbi } from './generated/JobManager.ts';

/** The input that window `windowIndex` of an inference job answers. Throws CHAIN_INPUT_MISSING. */
export async function getInput(chain: ChainReader, deployment: Deployment, jobId: bigint, windowIndex: bigint): Promise<bigint> {
  return await read(chain, jobManagerAbi, deployment.addresses.jobManager, 'inputOf', [jobId, windowIndex]);
}
