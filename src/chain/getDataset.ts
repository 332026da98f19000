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
};

/** A registered dataset, with the CID and licence from its event. Throws CHAIN_UNKNOWN_DATASET. */
export async function getDataset(chain: ChainReader, deployment: Deployment, datasetId: Hex): Promise<DatasetRecord> {
  const stored = await read(chain, datasetRegistryAbi, deployment.addresses.datasetRegistry, 'dataset', [datasetId]);
  const events = await getEvents(chain, deployment, { names: ['DatasetRegistered'] });
  const event = events.find((e) => e.name === 'DatasetRegistered' && e.args.datasetId === datasetId);
  if (event?.name !== 'DatasetRegistered') {
    throw new AssayError('CHAIN_EVENT_MISSING', `the node has no registration event of dataset ${datasetId}`);
  }
  const { registrant, root, depth } = stored;
  const { cid, licence } = event.args;
  return { datasetId, registrant, root, depth, minibatches: Number(stored.minibatches), cid: hexToBytes(cid), licence };
}
