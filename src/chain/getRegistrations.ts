import { type Address, type Hex, hexToBytes } from 'viem';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { getEvents } from './getEvents.ts';

/** One registration of a genesis checkpoint. */
export type GenesisRecord = {
  readonly registrant: Address;
  /** CIDv1 bytes of the checkpoint blob. */
  readonly cid: Uint8Array;
  readonly licence: string;
};

/** Everybody's registration of a checkpoint, first come first; that somebody came first says nothing about whose weights they are. */
export async function getRegistrations(
  chain: ChainReader,
  deployment: Deployment,
  modelId: Hex,
  checkpointId: bigint,
): Promise<readonly GenesisRecord[]> {
  const found: GenesisRecord[] = [];
  for (const event of await getEvents(chain, deployment, { names: ['GenesisRegistered'] })) {
    if (event.name !== 'GenesisRegistered' || event.args.modelId !== modelId || event.args.checkpointId !== checkpointId) continue;
    const { registrant, cid, licence } = event.args;
    found.push({ registrant, cid: hexToBytes(cid), licence });
  }
  return found;
}
