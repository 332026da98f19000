import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { parametersAbi } from './generated/Parameters.ts';

/** Sets the price of gas in units of 1e-18 ASSAY, from which the bond floor follows. Timelock only: by vote (`governedCall`, `propose`). Throws CHAIN_NOT_GOVERNOR, CHAIN_OUT_OF_BOUNDS. */
export async function setGasPrice(chain: ChainWriter, deployment: Deployment, price: bigint): Promise<Sent> {
  const { sent } = await write(chain, parametersAbi, deployment.addresses.parameters, 'setGasPrice', [price]);
  return sent;
}
