import type { Address, Hex } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { modelRegistryAbi } from './generated/ModelRegistry.ts';

/** Whether `requester` may open a job of this circuit from this checkpoint. */
export async function isStart(
  chain: ChainReader,
  deployment: Deployment,
  circuitId: Hex,
  modelId: Hex,
  checkpointId: bigint,
  requester: Address,
): Promise<boolean> {
  return await read(chain, modelRegistryAbi, deployment.addresses.modelRegistry, 'isStart', [circuitId, modelId, checkpointId, requester]);
}
