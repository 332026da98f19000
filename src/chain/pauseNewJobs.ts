import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { parametersAbi } from './generated/Parameters.ts';

/**
 * Stops new jobs for so many blocks, this one the first; 0 ends a pause. Guardian only, until its term ends.
 *
 * @throws CHAIN_NOT_GUARDIAN, CHAIN_GUARDIAN_EXPIRED, CHAIN_PAUSE_TOO_SOON, CHAIN_OUT_OF_BOUNDS
 */
export async function pauseNewJobs(chain: ChainWriter, deployment: Deployment, blocks: bigint): Promise<Sent> {
  const { sent } = await write(chain, parametersAbi, deployment.addresses.parameters, 'pauseNewJobs', [blocks]);
  return sent;
}
