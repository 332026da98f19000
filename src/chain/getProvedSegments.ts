import type { Hex } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { modelRegistryAbi } from './generated/ModelRegistry.ts';

/** Segments of a checkpoint that are proved well-formed by this circuit, one bit each from the lowest. */
export async function getProvedSegments(chain: ChainReader, deployment: Deployment, circuitId: Hex, checkpointId: bigint): Promise<bigint> {
  return await read(chain, modelRegistryAbi, deployment.addresses.modelRegistry, 'provedSegments', [circuitId, checkpointId]);
}
