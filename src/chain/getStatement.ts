import type { Hex } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { windowManagerAbi } from './generated/WindowManager.ts';

/** The statement that a submission under this lease would make with these results. Throws CHAIN_UNKNOWN_SUBMISSION, CHAIN_RESULT_COUNT. */
export async function getStatement(
  chain: ChainReader,
  deployment: Deployment,
  submissionId: Hex,
  results: readonly bigint[],
): Promise<readonly bigint[]> {
  return await read(chain, windowManagerAbi, deployment.addresses.windowManager, 'statementFor', [submissionId, results]);
}
