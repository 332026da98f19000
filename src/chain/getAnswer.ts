import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { jobManagerAbi } from './generated/JobManager.ts';

/**
 * The output words that were proved and paid for input `windowIndex` of an inference job; `decodeOutputs` reads them.
 *
 * @throws CHAIN_NO_ANSWER
 */
export async function getAnswer(
  chain: ChainReader,
  deployment: Deployment,
  jobId: bigint,
  windowIndex: bigint,
): Promise<readonly bigint[]> {
  return read(chain, jobManagerAbi, deployment.addresses.jobManager, 'answerOf', [jobId, windowIndex]);
}
