import { type Address, type Hex, hexToBytes } from 'viem';
import { AssayError } from '../errors.ts';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { datasetRegistryAbi } from './generated/DatasetRegistry.ts';
import { getEvents } from './getEvents.ts';

export type DatasetRecord = {
  readonly datasetId: Hex;
  readonly registrant: Address;
  readonly root: bigint;
  readonly depth: number;
  readonly minibatches: number;
  /** CIDv1 bytes of the dataset blob. */
  readonly cid: Uint8Array;
  readonly licence: string;
  /** Bits: 1 training, 2 evaluation and audits. */
  readonly uses: number;
  /** Least share of each unit's price that the registrant gets, in 1/10,000. */
  readonly feeBps: number;
  /** Last block in which a job may open; 0 for none. */
  readonly expiryBlock: bigint;
  readonly revocable: boolean;
  /** No new jobs. */
  readonly revoked: boolean;
};

/** A registered dataset, with the CID and licence from its event. Throws CHAIN_UNKNOWN_DATASET. */
export async function getDataset(chain: ChainReader, deployment: Deployment, datasetId: Hex): Promise<DatasetRecord> {
  const stored = await read(chain, datasetRegistryAbi, deployment.addresses.datasetRegistry, 'dataset', [datasetId]);
  const events = await getEvents(chain, deployment, { names: ['DatasetRegistered'] });
  const event = events.find((e) => e.name === 'DatasetRegistered' && e.args.datasetId === datasetId);
  if (event?.name !== 'DatasetRegistered') {
    throw new AssayError('CHAIN_EVENT_MISSING', `the node has no registration event of dataset ${datasetId}`);
  }
  const { registrant, root, depth, terms, revoked } = stored;
  const { cid, licence } = event.args;
  const minibatches = Number(stored.minibatches);
  return { datasetId, registrant, root, depth, minibatches, cid: hexToBytes(cid), licence, ...terms, revoked };
}
