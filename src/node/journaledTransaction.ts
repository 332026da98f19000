import { type Hex, isAddressEqual, keccak256, parseTransaction, TransactionReceiptNotFoundError } from 'viem';
import { estimateFeesPerGas } from 'viem/actions';
import { broadcast } from '../chain/broadcast.ts';
import type { ChainWriter } from '../chain/connectChain.ts';
import { toChainError } from '../chain/toChainError.ts';
import { AssayError } from '../errors.ts';
import type { Attempt, Transaction } from '../store/submissionState.ts';
import { pause } from './pause.ts';
import type { Emit } from './roleEvent.ts';

/** A signed transaction before it is sent: once journaled it may be broadcast any number of times and takes effect at most once. */
export type SignedTransaction = { readonly sender: Hex; readonly nonce: number; readonly transactionHash: Hex; readonly raw: Hex };

export type TransactionOutcome = {
  readonly status: 'success' | 'reverted';
  readonly transactionHash: Hex;
  readonly blockNumber: number;
  readonly gas: number;
};

/** How long a role waits for its transactions, and what it pays for them. */
export type TransactionTerms = {
  /** How long to wait for a transaction to be mined before giving up for now. Default 120,000, or three times `replaceAfterMs` where that is longer. */
  readonly transactionTimeoutMs?: number;
  /** How long a transaction may wait for a block before it is replaced by a dearer one of the same nonce. Default 45,000. */
  readonly replaceAfterMs?: number;
  /** The most that a replacement may offer for a unit of gas, in wei. Default: ten times what the first transaction offered. */
  readonly maxFeePerGas?: bigint;
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
      await offer(chain, raw);
    });
  } catch (error) {
    throw toChainError(error, chain.rpcUrl);
  }
}

/**
 * Broadcasts all attempts of a journaled transaction again and waits until one of them is in a block. Where that takes too long, one dearer attempt of
 * the same nonce is journaled and then sent: whichever of them is mined, the others never can be.
 *
 * @throws CHAIN_TRANSACTION_PENDING after `transactionTimeoutMs`; it stays journaled, and may be awaited again
 */
export async function awaitOutcome(
  chain: ChainWriter,
  transaction: Transaction,
  parameters: TransactionTerms & { readonly signal: AbortSignal; readonly emit: Emit },
  journal: (replacement: { readonly nonce: number } & Attempt) => Promise<unknown>,
): Promise<TransactionOutcome> {
  const { replaceAfterMs = 45_000, transactionTimeoutMs = Math.max(120_000, 3 * replaceAfterMs), signal, emit } = parameters;
  const attempts = [...transaction.attempts];
  for (const { raw } of attempts) await offer(chain, raw);
  const started = Date.now();
  let replaces = true;
  for (;;) {
    for (const { transactionHash } of attempts) {
      try {
        const receipt = await chain.client.getTransactionReceipt({ hash: transactionHash });
        return { status: receipt.status, transactionHash, blockNumber: Number(receipt.blockNumber), gas: Number(receipt.gasUsed) };
      } catch (error) {
        if (!(error instanceof TransactionReceiptNotFoundError)) throw toChainError(error, chain.rpcUrl);
      }
    }
    const waited = Date.now() - started;
    if (replaces && waited >= replaceAfterMs) {
      replaces = false;
      const dearer = await signDearer(chain, transaction, parameters.maxFeePerGas);
      if (dearer === undefined) {
        emit({
          event: 'warning',
          code: 'FEE_LIMIT',
          message: 'a transaction waits for a block, and cannot be replaced: the most that may be offered for gas, or another key',
        });
      } else {
        const { transactionHash, raw, fee } = dearer;
        await journal({ nonce: transaction.nonce, transactionHash, raw });
        attempts.push({ transactionHash, raw });
        await offer(chain, raw);
        emit({ event: 'replaced', nonce: transaction.nonce, transactionHash, maxFeePerGas: fee.toString() });
      }
    }
    if (waited > transactionTimeoutMs) {
      throw new AssayError('CHAIN_TRANSACTION_PENDING', 'a transaction is still not in a block', {
        details: attempts.map((attempt) => attempt.transactionHash).join(', '),
        hint: 'It stays journaled; start again to go on waiting, and to offer more for gas.',
      });
    }
    await pause(chain.client.pollingInterval, signal);
  }
}

/** Hands a journaled transaction to the node. That it offers less than what the node has or takes is no error: it waits, or is replaced. */
async function offer(chain: ChainWriter, raw: Hex): Promise<void> {
  try {
    await broadcast(chain, raw);
  } catch (error) {
    if ((error as AssayError).code !== 'CHAIN_FEE_TOO_LOW') throw error;
  }
}

/** A quarter more than before, well over the tenth that nodes ask of a replacement, and at least what the chain asks now. */
const raised = (before: bigint, now: bigint): bigint => {
  const more = (before * 5n) / 4n + 1n;
  return more > now ? more : now;
};

/** The last attempt once more, for more. @returns undefined where the limit leaves no room, or the journaled transaction is another account's */
async function signDearer(
  chain: ChainWriter,
  { sender, attempts }: Transaction,
  limit: bigint | undefined,
): Promise<(Attempt & { readonly fee: bigint }) | undefined> {
  const { account, client } = chain;
  if (account.type !== 'local' || !isAddressEqual(account.address, sender)) return undefined;
  const [first, last] = [attempts[0], attempts.at(-1)].map((attempt) => parseTransaction((attempt as Attempt).raw));
  const offered = (one: typeof first): bigint => one?.maxFeePerGas ?? one?.gasPrice ?? 0n;
  const most = limit ?? offered(first) * 10n;
  const before = offered(last);
  try {
    const legacy = last?.type === 'legacy' || last?.type === 'eip2930';
    const now = legacy ? { gasPrice: await client.getGasPrice() } : await estimateFeesPerGas(client);
    const wanted = raised(before, 'gasPrice' in now ? (now.gasPrice ?? 0n) : (now.maxFeePerGas ?? 0n));
    const fee = wanted < most ? wanted : most;
    // Nodes refuse a replacement that offers less than a tenth more.
    if (fee * 10n < before * 11n) return undefined;
    const tip = raised(last?.maxPriorityFeePerGas ?? 0n, 'maxPriorityFeePerGas' in now ? (now.maxPriorityFeePerGas ?? 0n) : 0n);
    const fees = legacy ? { gasPrice: fee } : { maxFeePerGas: fee, maxPriorityFeePerGas: tip < fee ? tip : fee };
    const { r: _r, s: _s, v: _v, yParity: _y, ...request } = last as never as Record<string, unknown>;
    const raw = (await account.signTransaction({ ...request, ...fees } as never)) as Hex;
    return { transactionHash: keccak256(raw), raw, fee };
  } catch (error) {
    throw toChainError(error, chain.rpcUrl);
  }
}
