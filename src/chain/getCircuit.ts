import type { Address, Hex } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { verifierRouterAbi } from './generated/VerifierRouter.ts';

export type Circuit = {
  /** The circuit's verifier, or the code blob that holds its key. */
  readonly proofVerifier: Address;
  readonly statementVerifier: Address;
  /** keccak256 of the statement's name. */
  readonly statementType: Hex;
  readonly vkHash: Hex;
  readonly proofCodeHash: Hex;
  readonly statementCodeHash: Hex;
  readonly modelId: Hex;
  readonly srsId: Hex;
  /** 0 where the statement has none. */
  readonly steps: number;
  readonly treeDepth: number;
  /** Exact lengths; the router calls anything else false. */
  readonly statementWords: number;
  readonly proofBytes: number;
  readonly openingBytes: number;
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
