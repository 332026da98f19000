import { type Hex, keccak256, TransactionReceiptNotFoundError } from 'viem';
import { broadcast } from '../chain/broadcast.ts';
import type { ChainWriter } from '../chain/connectChain.ts';
import { toChainError } from '../chain/toChainError.ts';
import { AssayError } from '../errors.ts';

/** A signed transaction before it is sent: once journaled it may be broadcast any number of times and takes effect at most once. */
export type SignedTransaction = { readonly sender: Hex; readonly nonce: number; readonly transactionHash: Hex; readonly raw: Hex };

export type TransactionOutcome = {
  readonly status: 'success' | 'reverted';
  readonly transactionHash: Hex;
  readonly blockNumber: number;
  readonly gas: number;
};

/**
 * Signs a transaction, hands it to `journal`, and only then broadcasts it. Later transactions of the account wait their turn, so its nonce is its own.
 *
 * @throws CHAIN_ errors; a revert that the node foresees is thrown decoded, before anything is signed
 */
export async function sendJournaled(
  chain: ChainWriter,
  call: { readonly to: Hex; readonly data: Hex; readonly gas?: bigint },
  journal: (transaction: SignedTransaction) => Promise<unknown>,
): Promise<void> {
  try {
    await chain.inTurn(async () => {
      const account = chain.account;
      if (account.type !== 'local') throw new AssayError('KEY_NOT_LOCAL', 'submitting needs a key that this process holds');
      const request = await chain.client.prepareTransactionRequest({ ...call, account } as never);
      const raw = (await account.signTransaction(request as never)) as Hex;
      await journal({ sender: account.address, nonce: (request as { nonce: number }).nonce, transactionHash: keccak256(raw), raw });
      await broadcast(chain, raw);
    });
  } catch (error) {
    throw toChainError(error, chain.rpcUrl);
  }
}

/** Waits until one of these transactions (all of one nonce) is in a block. @throws CHAIN_TRANSACTION_PENDING after `timeoutMs` */
export async function awaitOutcome(
  chain: ChainWriter,
  hashes: readonly Hex[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<TransactionOutcome> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    for (const hash of hashes) {
      try {
        const receipt = await chain.client.getTransactionReceipt({ hash });
        return { status: receipt.status, transactionHash: hash, blockNumber: Number(receipt.blockNumber), gas: Number(receipt.gasUsed) };
      } catch (error) {
        if (!(error instanceof TransactionReceiptNotFoundError)) throw toChainError(error, chain.rpcUrl);
      }
    }
    if (Date.now() > deadline) {
      throw new AssayError('CHAIN_TRANSACTION_PENDING', 'a transaction is still not in a block', {
        details: hashes.join(', '),
        hint: 'It stays journaled; start again to go on waiting.',
      });
    }
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, chain.client.pollingInterval));
  }
}
