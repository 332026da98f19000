import type { Address } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import { assayTokenAbi } from './generated/AssayToken.ts';

/** Balance of an ERC-20 token. */
export async function getTokenBalance(chain: ChainReader, token: Address, account: Address): Promise<bigint> {
  return await read(chain, assayTokenAbi, token, 'balanceOf', [account]);
}
