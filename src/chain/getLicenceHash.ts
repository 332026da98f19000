import { type Address, type Hex, zeroHash } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { modelRegistryAbi } from './generated/ModelRegistry.ts';

/** Hash of the licence under which `registrant` registered a genesis; undefined if it did not. */
export async function getLicenceHash(
  chain: ChainReader,
  deployment: Deployment,
  modelId: Hex,
  checkpointId: bigint,
  registrant: Address,
): Promise<Hex | undefined> {
  const found = await read(chain, modelRegistryAbi, deployment.addresses.modelRegistry, 'licenceOf', [modelId, checkpointId, registrant]);
  return found === zeroHash ? undefined : found;
}
