import { type Hex, toHex } from 'viem';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { datasetRegistryAbi } from './generated/DatasetRegistry.ts';

/** What a licence asks of jobs. It never changes; a revocation only stops new jobs. */
export type DatasetTerms = {
  /** Bits: 1 training, 2 evaluation and audits. Default 3. */
  readonly uses?: number;
  /** Least share of each unit's price that the registrant gets, in 1/10,000, at most 2,000. Default 0. */
  readonly feeBps?: number;
  /** Last block in which a job may open; 0 for none. Default 0. */
  readonly expiryBlock?: bigint;
  /** The registrant may stop new jobs at any time. Default false. */
  readonly revocable?: boolean;
};

export type RegisterDatasetParameters = DatasetTerms & {
  readonly root: bigint;
  readonly depth: number;
  /** Real ones, before the tree is filled. */
  readonly minibatches: number;
  /** CIDv1 bytes of the dataset blob. */
  readonly cid: Uint8Array;
  readonly licence: string;
};

/**
 * Registers a dataset under the sender's name; one that exists is left as it is. Returns its id, a hash of the arguments and the sender.
 *
 * @throws CHAIN_TERMS_OUT_OF_RANGE, CHAIN_SIZE_OUT_OF_RANGE, CHAIN_LICENCE_EMPTY, CHAIN_CID_LENGTH
 */
export async function registerDataset(
  chain: ChainWriter,
  deployment: Deployment,
  parameters: RegisterDatasetParameters,
): Promise<Sent & { datasetId: Hex }> {
  const { root, depth, minibatches, cid, licence, uses = 3, feeBps = 0, expiryBlock = 0n, revocable = false } = parameters;
  const terms = { uses, feeBps, expiryBlock, revocable };
  const args = [root, BigInt(depth), BigInt(minibatches), toHex(cid), licence, terms] as const;
  const { result, sent } = await write(chain, datasetRegistryAbi, deployment.addresses.datasetRegistry, 'register', args);
  return { datasetId: result, ...sent };
}
