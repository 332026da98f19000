import { type Hex, keccak256 } from 'viem';
import { getTransaction, sendRawTransaction } from 'viem/actions';
import { getTransactionError } from 'viem/utils';
import type { ChainWriter } from './connectChain.ts';
import { toChainError } from './toChainError.ts';

/** What nodes say of a transaction that they have, or whose nonce is spent. */
const isKnown = /already known|already imported|nonce too low|known transaction/i;

/**
 * Broadcasts a signed transaction. That the node knows it already, that its nonce is spent, or that the answer was lost on its way back is no error: the
 * receipts tell what became of it.
 *
 * @throws CHAIN_RPC_UNREACHABLE where the node does not have it, CHAIN_OUT_OF_FUNDS, CHAIN_RPC_FAILED
 */
export async function broadcast(chain: ChainWriter, raw: Hex): Promise<void> {
  const { client, account, rpcUrl } = chain;
  try {
    await sendRawTransaction(client, { serializedTransaction: raw });
  } catch (cause) {
    if (isKnown.test(String((cause as Error).message))) return;
    const error = toChainError(getTransactionError(cause as never, { account } as never), rpcUrl);
    if (error.code !== 'CHAIN_RPC_UNREACHABLE') throw error;
    const arrived = await getTransaction(client, { hash: keccak256(raw) }).catch(() => undefined);
    if (arrived === undefined) throw error;
  }
}
