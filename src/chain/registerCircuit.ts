import type { Address, Hex } from 'viem';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { verifierRouterAbi } from './generated/VerifierRouter.ts';

export type RegisterCircuitParameters = {
  /** keccak256 of the verifying key. */
  readonly vkHash: Hex;
  /** The circuit's generated UltraHonk verifier, or the code that holds its Groth16 key, deployed. */
  readonly proofVerifier: Address;
  /** The verifier of the circuit's statement: one of the deployment's. */
  readonly statementVerifier: Address;
  /** The shape's bytes: `encodeShape` and its kin of src/commitment/ids.ts. */
  readonly shape: Hex;
};

/**
 * Registers a circuit; one that exists is left as it is.
 *
 * @returns its id, a hash of all of it
 * @throws CHAIN_SHAPE_MALFORMED, CHAIN_DESCRIBE_FAILED, CHAIN_FACTS_MISMATCH, CHAIN_NO_CODE
 */
export async function registerCircuit(
  chain: ChainWriter,
  deployment: Deployment,
  parameters: RegisterCircuitParameters,
): Promise<Sent & { circuitId: Hex }> {
  const { vkHash, proofVerifier, statementVerifier, shape } = parameters;
  const args = [vkHash, proofVerifier, statementVerifier, shape] as const;
  // A content hash, so the simulated result cannot differ from the mined one.
  const { result, sent } = await write(chain, verifierRouterAbi, deployment.addresses.verifierRouter, 'register', args);
  return { circuitId: result, ...sent };
}
