import { type Hex, parseEventLogs, toHex } from 'viem';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { auditRegistryAbi } from './generated/AuditRegistry.ts';
import { verifyingGas } from './verifyingGas.ts';

export type ProveAuditChunkParameters = {
  readonly auditId: Hex;
  readonly chunk: number;
  readonly maskId: bigint;
  /** The statement's words from the sixth on. */
  readonly counts: readonly bigint[];
  readonly proof: Uint8Array;
  readonly opening: Uint8Array;
};

/**
 * Proves one chunk of an audit to the registry. Anyone may.
 *
 * @returns whether it was the last one
 * @throws CHAIN_PROOF_REJECTED (exit code 3), CHAIN_NOT_DRAWN, CHAIN_CHUNK_NOT_WANTED, CHAIN_CHUNK_DONE, CHAIN_UNKNOWN_AUDIT
 */
export async function proveAuditChunk(
  chain: ChainWriter,
  deployment: Deployment,
  parameters: ProveAuditChunkParameters,
): Promise<Sent & { completed: boolean }> {
  const { auditId, chunk, maskId, counts, proof, opening } = parameters;
  const args = [auditId, BigInt(chunk), maskId, counts, toHex(proof), toHex(opening)] as const;
  // 15 counts a word of the statement, 10 sums a word of storage.
  const gas = verifyingGas(proof.length + opening.length, Math.ceil(counts.length * 1.5));
  const { receipt, sent } = await write(chain, auditRegistryAbi, deployment.addresses.auditRegistry, 'prove', args, { gas });
  return { completed: parseEventLogs({ abi: auditRegistryAbi, eventName: 'AuditCompleted', logs: receipt.logs }).length > 0, ...sent };
}
