import { type Hex, type TransactionReceipt, TransactionReceiptNotFoundError } from 'viem';
import { getTransactionReceipt } from 'viem/actions';
import { AssayError, exitCodes, walkCauses } from '../errors.ts';
import type { ChainReader } from './connectChain.ts';
import { toChainError } from './toChainError.ts';

/**
 * Waits until a transaction is in a block. Asks for the receipt itself, again and again: who waits for new blocks waits for ever on a chain that
 * mines only what it is sent, if the receipt was not there yet when the last one came.
 *
 * @param timeout milliseconds. Default 120,000
 * @throws CHAIN_TRANSACTION_TIMEOUT (exit code 5)
 */
export async function waitForReceipt(chain: ChainReader, hash: Hex, timeout = 120_000): Promise<TransactionReceipt> {
  const end = Date.now() + timeout;
  for (;;) {
    try {
      return await getTransactionReceipt(chain.client, { hash });
    } catch (error) {
      const absent = walkCauses(error, (e) => e instanceof TransactionReceiptNotFoundError) !== undefined;
      if (!absent) throw toChainError(error, chain.rpcUrl);
    }
    if (Date.now() > end) {
      throw new AssayError('CHAIN_TRANSACTION_TIMEOUT', `transaction ${hash} was in no block after ${timeout} ms`, {
        hint: 'It may still be mined: look for it before you send it again.',
        exitCode: exitCodes.network,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, chain.client.pollingInterval));
  }
}
