import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { windowManagerAbi } from './generated/WindowManager.ts';

/** The checkpoint that the latest final window ended in, and how many windows are final. */
export async function getFinalHead(
  chain: ChainReader,
  deployment: Deployment,
  jobId: bigint,
): Promise<{ readonly checkpointId: bigint; readonly windows: number }> {
  const [checkpointId, windows] = await read(chain, windowManagerAbi, deployment.addresses.windowManager, 'finalHeadOf', [jobId]);
  return { checkpointId, windows: Number(windows) };
}
