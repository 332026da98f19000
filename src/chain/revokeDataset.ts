import type { Hex } from 'viem';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { datasetRegistryAbi } from './generated/DatasetRegistry.ts';

/** Stops new jobs on a dataset; open ones go on. Its registrant, where the terms are revocable. Throws CHAIN_NOT_REGISTRANT, CHAIN_NOT_REVOCABLE. */
export async function revokeDataset(chain: ChainWriter, deployment: Deployment, datasetId: Hex): Promise<Sent> {
  const { sent } = await write(chain, datasetRegistryAbi, deployment.addresses.datasetRegistry, 'revoke', [datasetId]);
  return sent;
}
