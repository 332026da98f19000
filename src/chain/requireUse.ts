import type { Hex } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { datasetRegistryAbi } from './generated/DatasetRegistry.ts';

/**
 * Checks that the dataset's licence allows a job of this use (1 training, 2 evaluation and audits) to open now.
 *
 * @throws CHAIN_USE_NOT_ALLOWED, CHAIN_LICENCE_EXPIRED, CHAIN_LICENCE_REVOKED, CHAIN_UNKNOWN_DATASET
 */
export async function requireUse(chain: ChainReader, deployment: Deployment, datasetId: Hex, use: 1 | 2): Promise<void> {
  await read(chain, datasetRegistryAbi, deployment.addresses.datasetRegistry, 'requireUse', [datasetId, use]);
}
