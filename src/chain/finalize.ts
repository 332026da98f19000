import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { windowManagerAbi } from './generated/WindowManager.ts';

/**
 * Finalizes up to `count` (1 to 8) windows of a job, in order: each is proved, or its silence is over and no demand is open. Anyone.
 *
 * @throws CHAIN_NOT_FINAL_YET, CHAIN_PROOF_DEMANDED, CHAIN_NOTHING_TO_FINALIZE
 */
export async function finalize(chain: ChainWriter, deployment: Deployment, jobId: bigint, count = 8): Promise<Sent> {
  const { sent } = await write(chain, windowManagerAbi, deployment.addresses.windowManager, 'finalize', [jobId, BigInt(count)]);
  return sent;
}
