import { type Address, type Hex, keccak256, type TransactionReceipt } from 'viem';
import { prepareTransactionRequest, sendTransaction as send } from 'viem/actions';
import { broadcast } from './broadcast.ts';
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
    const { client, account } = chain;
    const hash = await chain.inTurn(async () => {
      const request = { ...parameters, account, chain: client.chain };
      if (account.type !== 'local') return send(client, request as never);
      // Signed here, its hash is known before the node answers: no lost answer makes it be sent twice.
      const raw = (await account.signTransaction((await prepareTransactionRequest(client, request as never)) as never)) as Hex;
      await broadcast(chain, raw);
      return keccak256(raw);
    });
    return await waitForReceipt(chain, hash);
  } catch (error) {
    throw toChainError(error, chain.rpcUrl);
  }
}
