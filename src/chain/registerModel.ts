import type { Hex } from 'viem';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { modelRegistryAbi } from './generated/ModelRegistry.ts';

export type RegisterModelParameters = {
  readonly specId: Hex;
  readonly srsId: Hex;
  readonly blockLog: number;
  /** Neurons per layer, inputs first. */
  readonly sizes: readonly number[];
};

/** Makes a model known; one that exists is left as it is. Returns its id, a hash of the arguments. */
export async function registerModel(
  chain: ChainWriter,
  deployment: Deployment,
  parameters: RegisterModelParameters,
): Promise<Sent & { modelId: Hex }> {
  const { specId, srsId, blockLog, sizes } = parameters;
  const args = [specId, srsId, BigInt(blockLog), sizes] as const;
  const { result, sent } = await write(chain, modelRegistryAbi, deployment.addresses.modelRegistry, 'registerModel', args);
  return { modelId: result, ...sent };
}
