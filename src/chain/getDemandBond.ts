import { getBlock } from 'viem/actions';
import type { ChainReader } from './connectChain.ts';
import { toChainError } from './toChainError.ts';

const gwei = 10n ** 9n;

/**
 * What a demand costs in the next blocks, in wei: 3 times 5,000,000 gas at the base fee and 1 gwei. Not asked of the contract, because nodes answer
 * calls with a base fee of 0. The base fee is taken as half as much again, which it takes three full blocks to pass; what is too much can be withdrawn.
 */
export async function getDemandBond(chain: ChainReader): Promise<bigint> {
  const { baseFeePerGas } = await getBlock(chain.client, { blockTag: 'latest' }).catch((error: unknown) => {
    throw toChainError(error, chain.rpcUrl);
  });
  return 3n * 5_000_000n * (((baseFeePerGas ?? 0n) * 3n) / 2n + gwei);
}
