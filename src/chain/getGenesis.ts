import { type Address, type Hex, hexToBytes } from 'viem';
import { AssayError } from '../errors.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { getEvents } from './getEvents.ts';

export type GenesisRecord = {
  readonly registrant: Address;
  /** CIDv1 bytes of the checkpoint blob. */
  readonly cid: Uint8Array;
  readonly licence: string;
};

/** A registered genesis checkpoint, from its first event. Throws CHAIN_UNKNOWN_GENESIS. */
export async function getGenesis(chain: ChainReader, deployment: Deployment, modelId: Hex, checkpointId: bigint): Promise<GenesisRecord> {
  const events = await getEvents(chain, deployment, { names: ['GenesisRegistered'] });
  const event = events.find((e) => e.name === 'GenesisRegistered' && e.args.modelId === modelId && e.args.checkpointId === checkpointId);
  if (event?.name !== 'GenesisRegistered') {
    throw new AssayError('CHAIN_UNKNOWN_GENESIS', `checkpoint ${checkpointId} of model ${modelId} is nobody's registered genesis`);
  }
  const { registrant, cid, licence } = event.args;
  return { registrant, cid: hexToBytes(cid), licence };
}
