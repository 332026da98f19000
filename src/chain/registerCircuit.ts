import type { Address, Hex } from 'viem';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { verifierRouterAbi } from './generated/VerifierRouter.ts';

export type RegisterCircuitParameters = {
  /** keccak256 of the verifying key. */
  readonly vkHash: Hex;
  /** The circuit's generated UltraHonk verifier, deployed. */
  readonly honkVerifier: Address;
  /** `encodeShape(...)` of src/commitment/ids.ts. */
  readonly shape: Hex;
};

/** Registers a circuit with the deployment's window verifier; one that exists is left as it is. Returns its id, a hash of all of it. */
export async function registerCircuit(
  chain: ChainWriter,
  deployment: Deployment,
  parameters: RegisterCircuitParameters,
): Promise<Sent & { circuitId: Hex }> {
  const { verifierRouter, windowVerifier } = deployment.addresses;
  const { vkHash, honkVerifier, shape } = parameters;
  // A content hash, so the simulated result cannot differ from the mined one.
  const { result, sent } = await write(chain, verifierRouterAbi, verifierRouter, 'register', [vkHash, honkVerifier, windowVerifier, shape]);
  return { circuitId: result, ...sent };
}
