import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { windowManagerAbi } from './generated/WindowManager.ts';

/** Units that a cancelled job still owes or may owe: held slots and unfinalized windows. */
export async function getPendingUnits(chain: ChainReader, deployment: Deployment, jobId: bigint): Promise<bigint> {
  return await read(chain, windowManagerAbi, deployment.addresses.windowManager, 'pendingUnits', [jobId]);
}
