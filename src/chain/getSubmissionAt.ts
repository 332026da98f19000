import { type Hex, zeroHash } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { windowManagerAbi } from './generated/WindowManager.ts';

/** The submission that holds a window of a job (of contribution 0); undefined if none does. */
export async function getSubmissionAt(
  chain: ChainReader,
  deployment: Deployment,
  jobId: bigint,
  windowIndex: bigint,
): Promise<Hex | undefined> {
  const found = await read(chain, windowManagerAbi, deployment.addresses.windowManager, 'submissionAt', [jobId, windowIndex]);
  return found === zeroHash ? undefined : found;
}
