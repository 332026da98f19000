import type { Hex } from 'viem';
import { AssayError } from '../errors.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { type GenesisRecord, getRegistrations } from './getRegistrations.ts';

/** A registered genesis checkpoint, from its first event. Throws CHAIN_UNKNOWN_GENESIS. */
export async function getGenesis(chain: ChainReader, deployment: Deployment, modelId: Hex, checkpointId: bigint): Promise<GenesisRecord> {
  const [first] = await getRegistrations(chain, deployment, modelId, checkpointId);
  if (first === undefined) {
    throw new AssayError('CHAIN_UNKNOWN_GENESIS', `checkpoint ${checkpointId} of model ${modelId} is nobody's registered genesis`);
  }
  return first;
}
