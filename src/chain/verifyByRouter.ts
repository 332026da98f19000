import { type Hex, toHex } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { verifierRouterAbi } from './generated/VerifierRouter.ts';

/**
 * The router's verdict on a proof, at no cost: whether proof and opening show the statement.
 *
 * @param open the weights are open (train-window only)
 * @throws CHAIN_UNKNOWN_CIRCUIT, CHAIN_INSUFFICIENT_GAS, CHAIN_VERIFIER_CHANGED
 */
export async function verifyByRouter(
  chain: ChainReader,
  deployment: Deployment,
  circuitId: Hex,
  open: boolean,
  statement: readonly bigint[],
  proof: Uint8Array,
  opening: Uint8Array,
): Promise<boolean> {
  return await read(chain, verifierRouterAbi, deployment.addresses.verifierRouter, 'verify', [
    circuitId,
    open,
    statement,
    toHex(proof),
    toHex(opening),
  ]);
}
