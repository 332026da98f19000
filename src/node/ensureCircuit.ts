import { type Address, type Hex, keccak256 } from 'viem';
import type { ChainWriter } from '../chain/connectChain.ts';
import { deployCode } from '../chain/deployCode.ts';
import type { Deployment } from '../chain/deployment.ts';
import { getCircuit } from '../chain/getCircuit.ts';
import { registerCircuit } from '../chain/registerCircuit.ts';
import { AssayError, exitCodes } from '../errors.ts';

export type EnsureCircuitParameters = {
  /** As this package computes it. */
  readonly circuitId: Hex;
  readonly verifyingKey: Uint8Array;
  /** Runtime code of the circuit's own verifier, or of the code that holds its Groth16 key. */
  readonly proofVerifierCode: Hex;
  readonly statementVerifier: Address;
  readonly shapeBytes: Hex;
};

/**
 * Deploys and registers a circuit's verifier where this chain does not have it yet.
 *
 * @returns the statement verifier that it is registered with, which somebody else may have deployed: its code is in the circuit id, its address is what openings are bound to
 * @throws CIRCUIT_MISMATCH (exit 6)
 */
export async function ensureCircuit(chain: ChainWriter, deployment: Deployment, parameters: EnsureCircuitParameters): Promise<Address> {
  const { circuitId, verifyingKey, proofVerifierCode, statementVerifier, shapeBytes } = parameters;
  try {
    return (await getCircuit(chain, deployment, circuitId)).statementVerifier;
  } catch (error) {
    if (!(error instanceof AssayError) || error.code !== 'CHAIN_UNKNOWN_CIRCUIT') throw error;
  }
  const { address: proofVerifier } = await deployCode(chain, proofVerifierCode);
  const registered = await registerCircuit(chain, deployment, {
    vkHash: keccak256(verifyingKey),
    proofVerifier,
    statementVerifier,
    shape: shapeBytes,
  });
  if (registered.circuitId !== circuitId) {
    throw new AssayError('CIRCUIT_MISMATCH', 'the chain computes another circuit id than this package', {
      details: `here ${circuitId}, there ${registered.circuitId}`,
      exitCode: exitCodes.artifactMismatch,
    });
  }
  // Somebody else's registration may have come first, with other addresses.
  return (await getCircuit(chain, deployment, circuitId)).statementVerifier;
}
