import { numberToHex } from 'viem';
import { AssayError } from '../errors.ts';
import { type ChainReader, devnetChainIds } from './connectChain.ts';
import { toChainError } from './toChainError.ts';

/** Makes a local anvil mine `count` empty blocks. Throws CHAIN_NOT_DEVNET elsewhere. */
export async function mineBlocks(chain: ChainReader, count: number): Promise<void> {
  if (!devnetChainIds.includes(chain.chainId)) throw new AssayError('CHAIN_NOT_DEVNET', `chain ${chain.chainId} mines by itself`);
  try {
    await chain.client.request({ method: 'anvil_mine', params: [numberToHex(count)] } as never);
  } catch (error) {
    throw toChainError(error, chain.rpcUrl);
  }
}
