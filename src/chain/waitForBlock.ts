import { getBlockNumber } from 'viem/actions';
import { AssayError, exitCodes } from '../errors.ts';
import type { ChainReader } from './connectChain.ts';
import { toChainError } from './toChainError.ts';

/** Waits until the chain has reached block `blockNumber`. Throws CHAIN_BLOCK_TIMEOUT after `timeout` milliseconds (default 120,000). */
export async function waitForBlock(chain: ChainReader, blockNumber: bigint, timeout = 120_000): Promise<void> {
  const end = Date.now() + timeout;
  for (;;) {
    const latest = await getBlockNumber(chain.client, { cacheTime: 0 }).catch((error: unknown) => {
      throw toChainError(error, chain.rpcUrl);
    });
    if (latest >= blockNumber) return;
    if (Date.now() > end) {
      throw new AssayError('CHAIN_BLOCK_TIMEOUT', `block ${blockNumber} was not reached in ${timeout} ms; the chain is at ${latest}`, {
        exitCode: exitCodes.network,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, chain.client.pollingInterval));
  }
}
