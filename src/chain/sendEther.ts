import type { Address } from 'viem';
import type { ChainWriter } from './connectChain.ts';
import { sendTransaction } from './sendTransaction.ts';

/** Sends native coins (in wei) and waits until they are there. */
export async function sendEther(chain: ChainWriter, to: Address, value: bigint): Promise<void> {
  await sendTransaction(chain, { to, value, data: '0x' });
}
