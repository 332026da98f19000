import type { Address, Hex, TransactionReceipt } from 'viem';
import { sendTransaction as send } from 'viem/actions';
import type { ChainWriter } from './connectChain.ts';
import { toChainError } from './toChainError.ts';
import { waitForReceipt } from './waitForReceipt.ts';

export type SendTransactionParameters = {
  /** Absent to create a contract. */
  readonly to?: Address;
  readonly data: Hex;
  readonly gas?: bigint;
  /** Native coin, in wei. */
  readonly value?: bigint;
};

/** Sends a transaction of the connection's account and waits until it is in a block. The receipt may still say `reverted`. */
export async function sendTransaction(chain: ChainWriter, parameters: SendTransactionParameters): Promise<TransactionReceipt> {
  try {
    const hash = await chain.inTurn(() =>
      send(chain.client, { ...parameters, account: chain.account, chain: chain.client.chain } as never),
    );
    return await waitForReceipt(chain, hash);
  } catch (error) {
    throw toChainError(error, chain.rpcUrl);
  }
}
