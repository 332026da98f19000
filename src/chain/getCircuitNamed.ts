import { type Hex, zeroHash } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { circuitNamesAbi } from './generated/CircuitNames.ts';

/** The circuit that governance has given this name; undefined where nothing has it. */
export async function getCircuitNamed(chain: ChainReader, deployment: Deployment, name: string): Promise<Hex | undefined> {
  const found = await read(chain, circuitNamesAbi, deployment.addresses.circuitNames, 'circuitOf', [name]);
  return found === zeroHash ? undefined : found;
}
