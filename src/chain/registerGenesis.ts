import { concat, type Hex, numberToHex, toHex } from 'viem';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { modelRegistryAbi } from './generated/ModelRegistry.ts';

export type RegisterGenesisParameters = {
  readonly modelId: Hex;
  /** Commitments of every block, layer by layer: `commitCheckpoint(...)` of src/commitment/kzg.ts. */
  readonly points: readonly (readonly [bigint, bigint])[];
  /** CIDv1 bytes of the checkpoint blob. */
  readonly cid: Uint8Array;
  /** Licence of the weights, in words or as an SPDX name. */
  readonly licence: string;
};

/** Registers a checkpoint that the sender may open jobs from. Returns its id, computed by the contract from the points. */
export async function registerGenesis(
  chain: ChainWriter,
  deployment: Deployment,
  parameters: RegisterGenesisParameters,
): Promise<Sent & { checkpointId: bigint }> {
  const { modelId, points, cid, licence } = parameters;
  const bytes = concat(points.flat().map((coordinate) => numberToHex(coordinate, { size: 32 })));
  const { result, sent } = await write(chain, modelRegistryAbi, deployment.addresses.modelRegistry, 'registerGenesis', [
    modelId,
    bytes,
    toHex(cid),
    licence,
  ]);
  return { checkpointId: result, ...sent };
}
