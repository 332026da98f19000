import type { Hex } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { modelRegistryAbi } from './generated/ModelRegistry.ts';

/** Whether every segment of the checkpoint has been proved well-formed by this circuit. */
export async function isWellFormed(chain: ChainReader, deployment: Deployment, circuitId: Hex, checkpointId: bigint): Promise<boolean> {
  return read(chain, modelRegistryAbi, deployment.addresses.modelRegistry, 'isWellFormed', [circuitId, checkpointId]);
}
