import type { Hex } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { modelRegistryAbi } from './generated/ModelRegistry.ts';

/** Whether the model is registered. */
export async function isModel(chain: ChainReader, deployment: Deployment, modelId: Hex): Promise<boolean> {
  return await read(chain, modelRegistryAbi, deployment.addresses.modelRegistry, 'isModel', [modelId]);
}
