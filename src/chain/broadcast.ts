import { type Hex, keccak256 } from 'viem';
import { getTransaction, sendRawTransaction } from 'viem/actions';
import { getTransactionError } from 'viem/utils';
import { AssayError, exitCodes } from '../errors.ts';
import type { ChainWriter } from './connectChain.ts';
import { toChainError } from './toChainError.ts';

/** What nodes say of a transaction that they have, or whose nonce is spent. */
const isKnown = /already known|already imported|nonce too low|known transaction/i;

/** What nodes say of a transaction that offers less for gas than they take now, or than another of the same nonce does. */
const isTooCheap = /underpriced|(max fee|fee cap|feecap).*less than block base fee/i;

/**
 * Broadcasts a signed transaction. That the node knows it already, that its nonce is spent, or that the answer was lost on its way back is no error: the
 * receipts tell what became of it.
 *
 * @throws CHAIN_FEE_TOO_LOW where the node takes dearer ones only; CHAIN_RPC_UNREACHABLE where the node does not have it, CHAIN_OUT_OF_FUNDS, CHAIN_RPC_FAILED
 */
export async function broadcast(chain: ChainWriter, raw: Hex): Promise<void> {
  const { client, account, rpcUrl } = chain;
  try {
    await sendRawTransaction(client, { serializedTransaction: raw });
  } catch (cause) {
    const message = String((cause as Error).message);
    if (isKnown.test(message)) return;
    if (isTooCheap.test(message)) {
      throw new AssayError('CHAIN_FEE_TOO_LOW', 'a transaction offers less for gas than the node takes', {
        cause,
        hint: 'The base fee has risen, or a dearer transaction of the same nonce waits: try again.',
        exitCode: exitCodes.network,
      });
    }
    const error = toChainError(getTransactionError(cause as never, { account } as never), rpcUrl);
    if (error.code !== 'CHAIN_RPC_UNREACHABLE') throw error;
    const arrived = await getTransaction(client, { hash: keccak256(raw) }).catch(() => undefined);
    if (arrived === undefined) throw error;
  }
}
