import { type Hex, zeroHash } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { modelRegistryAbi } from './generated/ModelRegistry.ts';

export type Provenance = {
  readonly checkpointId: bigint;
  /** The checkpoint that it was trained from; of a merge, the common base; 0 where that would lead in a circle. */
  readonly parentId: bigint;
  /** 1 + its parent's; 0 of a genesis. */
  readonly version: number;
  /** The first job that finalized it, and that window. */
  readonly jobId: bigint;
  readonly windowIndex: number;
  /** By a proof; otherwise by silence. */
  readonly proved: boolean;
  /** Of the window's statement; of a merge, of the merged children's ids. */
  readonly statementHash: Hex;
  readonly licenceHash: Hex;
};

/** How a checkpoint came about under a circuit; undefined where no window of that circuit ended in it. What was proved comes before what silence made final. */
export async function getProvenance(
  chain: ChainReader,
  deployment: Deployment,
  circuitId: Hex,
  checkpointId: bigint,
): Promise<Provenance | undefined> {
  const { modelRegistry } = deployment.addresses;
  const found = await read(chain, modelRegistryAbi, modelRegistry, 'provenance', [circuitId, checkpointId]);
  return found.statementHash !== zeroHash ? { checkpointId, ...found } : undefined;
}
