import { type Address, type Hex, zeroHash } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { modelRegistryAbi } from './generated/ModelRegistry.ts';

/** Hash of the licence that a job of `requester` from this checkpoint inherits; undefined where it cannot open one. */
export async function getLicenceFor(
  chain: ChainReader,
  deployment: Deployment,
  circuitId: Hex,
  modelId: Hex,
  checkpointId: bigint,
  requester: Address,
): Promise<Hex | undefined> {
  const found = await read(chain, modelRegistryAbi, deployment.addresses.modelRegistry, 'licenceFor', [
    circuitId,
    modelId,
    checkpointId,
    requester,
  ]);
  return found === zeroHash ? undefined : found;
}
