import type { Hex } from 'viem';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { circuitNamesAbi } from './generated/CircuitNames.ts';

/** Gives a circuit a name (1 to 64 bytes); 32 zero bytes take it away. Timelock only: by vote (`governedCall`, `propose`). Throws CHAIN_NOT_GOVERNOR, CHAIN_NAME_LENGTH. */
export async function nameCircuit(chain: ChainWriter, deployment: Deployment, name: string, circuitId: Hex): Promise<Sent> {
  const { sent } = await write(chain, circuitNamesAbi, deployment.addresses.circuitNames, 'setName', [name, circuitId]);
  return sent;
}
