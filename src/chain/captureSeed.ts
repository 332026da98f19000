import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { eventFrom } from './eventFrom.ts';
import { jobManagerAbi } from './generated/JobManager.ts';

/** Blocks from a job's opening to the block whose hash is its seed; the seed can be captured in the 256 blocks after that one. */
export const seedDelay = 8n;

/** Draws a job's seed; leases start after it. Anyone may. Throws CHAIN_SEED_TOO_EARLY, CHAIN_SEED_MISSED, CHAIN_WRONG_JOB_STATE. */
export async function captureSeed(chain: ChainWriter, deployment: Deployment, jobId: bigint): Promise<Sent & { batchSeed: bigint }> {
  const { receipt, sent } = await write(chain, jobManagerAbi, deployment.addresses.jobManager, 'captureSeed', [jobId]);
  return { batchSeed: eventFrom(receipt, jobManagerAbi, 'SeedCaptured').batchSeed, ...sent };
}
