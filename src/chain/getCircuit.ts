import type { Address, Hex } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { verifierRouterAbi } from './generated/VerifierRouter.ts';

export type Circuit = {
  readonly honkVerifier: Address;
  readonly windowVerifier: Address;
  readonly vkHash: Hex;
  readonly honkCodeHash: Hex;
  readonly windowCodeHash: Hex;
  readonly modelId: Hex;
  readonly srsId: Hex;
  readonly steps: number;
  readonly treeDepth: number;
  /** The shape's bytes. */
  readonly shape: Hex;
};

/** A registered circuit: what a worker rebuilds and compares before it leases. Throws CHAIN_UNKNOWN_CIRCUIT. */
export async function getCircuit(chain: ChainReader, deployment: Deployment, circuitId: Hex): Promise<Circuit> {
  const router = deployment.addresses.verifierRouter;
  const found = await read(chain, verifierRouterAbi, router, 'circuit', [circuitId]);
  const shape = await read(chain, verifierRouterAbi, router, 'shapeOf', [circuitId]);
  return { ...found, shape };
}
