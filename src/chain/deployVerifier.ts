import type { Address, Hex } from 'viem';
import { AssayError } from '../errors.ts';
import type { ChainWriter } from './connectChain.ts';
import { sendTransaction } from './sendTransaction.ts';

/** Deploys a generated UltraHonk verifier, or any other creation code without constructor arguments. Throws CHAIN_DEPLOY_FAILED. */
export async function deployVerifier(chain: ChainWriter, creation: Hex): Promise<{ address: Address; gasUsed: bigint }> {
  const receipt = await sendTransaction(chain, { data: creation });
  const address = receipt.contractAddress;
  if (receipt.status !== 'success' || address === null || address === undefined) {
    throw new AssayError('CHAIN_DEPLOY_FAILED', 'the verifier was not deployed', { details: `transaction ${receipt.transactionHash}` });
  }
  return { address, gasUsed: receipt.gasUsed };
}
