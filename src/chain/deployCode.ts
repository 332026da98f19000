import { type Address, concatHex, type Hex, numberToHex, size } from 'viem';
import type { ChainWriter } from './connectChain.ts';
import { deployVerifier } from './deployVerifier.ts';

/**
 * Deploys code as it shall stand on chain, without a constructor: a verifier without immutables, or the code that holds a Groth16 key.
 *
 * @param runtime code, 1 to 24,576 bytes (EIP-170)
 * @throws CHAIN_DEPLOY_FAILED
 */
export function deployCode(chain: ChainWriter, runtime: Hex): Promise<{ address: Address; gasUsed: bigint }> {
  // push2 length, dup1, push1 10, push0, codecopy, push0, return: these ten bytes, then the code.
  return deployVerifier(chain, concatHex(['0x61', numberToHex(size(runtime), { size: 2 }), '0x80600a5f395ff3', runtime]));
}
