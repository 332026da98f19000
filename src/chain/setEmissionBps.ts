import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { parametersAbi } from './generated/Parameters.ts';

/** Sets the share of a burned fee that is minted to the worker, in 1/10,000. Timelock only: by vote (`governedCall`, `propose`). Throws CHAIN_NOT_GOVERNOR, CHAIN_OUT_OF_BOUNDS. */
export async function setEmissionBps(chain: ChainWriter, deployment: Deployment, bps: bigint): Promise<Sent> {
  const { sent } = await write(chain, parametersAbi, deployment.addresses.parameters, 'setEmissionBps', [bps]);
  return sent;
}
