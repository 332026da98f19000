import { type Hex, toHex } from 'viem';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { modelRegistryAbi } from './generated/ModelRegistry.ts';
import { verifyingGas } from './verifyingGas.ts';

export type ProveWellFormedParameters = {
  /** Of the statement well-formed. */
  readonly circuitId: Hex;
  readonly checkpointId: bigint;
  readonly segment: bigint;
  readonly maskId: bigint;
  readonly proof: Uint8Array;
  readonly opening: Uint8Array;
};

/**
 * Proves one segment of a checkpoint well-formed to the model registry. Anyone may; `isWellFormed` says when all are.
 *
 * @throws CHAIN_PROOF_REJECTED (exit code 3), CHAIN_UNKNOWN_CIRCUIT
 */
export async function proveWellFormed(chain: ChainWriter, deployment: Deployment, parameters: ProveWellFormedParameters): Promise<Sent> {
  const { circuitId, checkpointId, segment, maskId, proof, opening } = parameters;
  const args = [circuitId, checkpointId, segment, maskId, toHex(proof), toHex(opening)] as const;
  const gas = verifyingGas(proof.length + opening.length);
  return (await write(chain, modelRegistryAbi, deployment.addresses.modelRegistry, 'proveWellFormed', args, { gas })).sent;
}
