import { type Hex, toHex } from 'viem';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { datasetRegistryAbi } from './generated/DatasetRegistry.ts';

export type RegisterDatasetParameters = {
  readonly root: bigint;
  readonly depth: number;
  /** Real ones, before the tree is filled. */
  readonly minibatches: number;
  /** CIDv1 bytes of the dataset blob. */
  readonly cid: Uint8Array;
  readonly licence: string;
};

/** Registers a dataset under the sender's name. Returns its id, a hash of the arguments and the sender. */
export async function registerDataset(
  chain: ChainWriter,
  deployment: Deployment,
  parameters: RegisterDatasetParameters,
): Promise<Sent & { datasetId: Hex }> {
  const { root, depth, minibatches, cid, licence } = parameters;
  const args = [root, BigInt(depth), BigInt(minibatches), toHex(cid), licence] as const;
  const { result, sent } = await write(chain, datasetRegistryAbi, deployment.addresses.datasetRegistry, 'register', args);
  return { datasetId: result, ...sent };
}
