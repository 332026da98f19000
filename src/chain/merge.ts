import { concat, type Hex, numberToHex } from 'viem';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { eventFrom } from './eventFrom.ts';
import { windowManagerAbi } from './generated/WindowManager.ts';

type Points = readonly (readonly [bigint, bigint])[];

export type MergeParameters = {
  readonly jobId: bigint;
  /** Commitments of the window's parent, block by block. */
  readonly base: Points;
  /** Those of every child, in the order of the contributions. */
  readonly children: readonly Points[];
};

const bytesOf = (points: Points): Hex => concat(points.flat().map((coordinate) => numberToHex(coordinate, { size: 32 })));

/**
 * Merges the contributions of a window, all proved, into the checkpoint that the next one starts from. Anyone.
 *
 * @throws CHAIN_NOTHING_TO_MERGE, CHAIN_POINTS_MISMATCH, CHAIN_POINTS_MALFORMED
 */
export async function merge(chain: ChainWriter, deployment: Deployment, parameters: MergeParameters): Promise<Sent & { mergedId: bigint }> {
  const { jobId, base, children } = parameters;
  const args = [jobId, bytesOf(base), children.map(bytesOf)] as const;
  const { receipt, sent } = await write(chain, windowManagerAbi, deployment.addresses.windowManager, 'merge', args);
  return { mergedId: eventFrom(receipt, windowManagerAbi, 'WindowMerged').mergedId, ...sent };
}
