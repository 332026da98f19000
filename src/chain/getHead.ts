import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { windowManagerAbi } from './generated/WindowManager.ts';

/** The checkpoint that the next window starts from, final or not; an inference job's genesis. */
export async function getHead(chain: ChainReader, deployment: Deployment, jobId: bigint): Promise<bigint> {
  return await read(chain, windowManagerAbi, deployment.addresses.windowManager, 'headOf', [jobId]);
}
