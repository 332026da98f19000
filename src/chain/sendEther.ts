import type { Address } from 'viem';
import { sendTransaction } from 'viem/actions';
import type { ChainWriter } from './connectChain.ts';
import { toChainError } from './toChainError.ts';
import { waitForReceipt } from './waitForReceipt.ts';

/** Sends native coins (in wei) and waits until they are there. */
export async function sendEther(chain: ChainWriter, to: Address, value: bigint): Promise<void> {
  try {
    const hash = await chain.inTurn(() =>
      sendTransaction(chain.client, { to, value, account: chain.account, chain: chain.client.chain } as never),
    );
    await waitForReceipt(chain, hash);
  } catch (error) {
    throw toChainError(error, chain.rpcUrl);
  }
}
