import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { windowManagerAbi } from './generated/WindowManager.ts';

/** The output words of a final answer of an inference job; `decodeOutputs` reads them. Throws CHAIN_NO_ANSWER. */
export async function getAnswer(
  chain: ChainReader,
  deployment: Deployment,
  jobId: bigint,
  windowIndex: bigint,
): Promise<readonly bigint[]> {
  return await read(chain, windowManagerAbi, deployment.addresses.windowManager, 'answerOf', [jobId, windowIndex]);
}
