import type { Address } from 'viem';
import { read, type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import { assayTokenAbi } from './generated/AssayToken.ts';

/** Lets `spender` take `amount` of the account's `token` (any plain ERC-20); sends nothing where it already may. */
export async function ensureAllowance(chain: ChainWriter, token: Address, spender: Address, amount: bigint): Promise<Sent | undefined> {
  const allowed = await read(chain, assayTokenAbi, token, 'allowance', [chain.account.address, spender]);
  if (allowed >= amount) return undefined;
  const { sent } = await write(chain, assayTokenAbi, token, 'approve', [spender, amount]);
  return sent;
}
