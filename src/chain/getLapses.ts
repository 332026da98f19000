import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { windowManagerAbi } from './generated/WindowManager.ts';

/** 0 without a lapse; else, for the worst slot of the current window, 1 + the lease lengths since its lapse. */
export async function getLapses(chain: ChainReader, deployment: Deployment, jobId: bigint): Promise<bigint> {
  return await read(chain, windowManagerAbi, deployment.addresses.windowManager, 'lapsesOf', [jobId]);
}
