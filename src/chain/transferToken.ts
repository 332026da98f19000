import type { Address } from 'viem';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import { assayTokenAbi } from './generated/AssayToken.ts';

/** Sends `amount` of an ERC-20 token to `to`. */
export async function transferToken(chain: ChainWriter, token: Address, to: Address, amount: bigint): Promise<Sent> {
  const { sent } = await write(chain, assayTokenAbi, token, 'transfer', [to, amount]);
  return sent;
}
