import type { Address, Hex } from 'viem';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { ensureAllowance } from './ensureAllowance.ts';
import { eventFrom } from './eventFrom.ts';
import { jobManagerAbi } from './generated/JobManager.ts';

export type JobTerms = {
  readonly circuitId: Hex;
  readonly datasetId: Hex;
  /** Checkpoint that the first window starts from. */
  readonly genesisId: bigint;
  /** ERC-20 that pays. Default: the deployment's token. */
  readonly token?: Address;
  readonly windows: number;
  /** Of one window, in the token's units. */
  readonly price: bigint;
  /** Stake locked by a lease and taken for a false announcement, in units of the stake token; at least 1e18. */
  readonly bond: bigint;
  /** Stake burned when a lease lapses; at most the bond. Default 0. */
  readonly lapsePenalty?: bigint;
  readonly leaseBlocks: number;
  /** How long a lease may be released free of charge; less than leaseBlocks. */
  readonly freeReleaseBlocks: number;
  /** How long after a lease its announcements can be slashed. */
  readonly evidenceBlocks: number;
};

/** Opens a job with open weights in eager mode, and escrows price * windows (approving it first where needed). */
export async function openJob(chain: ChainWriter, deployment: Deployment, terms: JobTerms): Promise<Sent & { jobId: bigint }> {
  const { jobManager, token: stakeToken } = deployment.addresses;
  const { token = stakeToken, lapsePenalty = 0n } = terms;
  await ensureAllowance(chain, token, jobManager, terms.price * BigInt(terms.windows));
  const full = { ...terms, token, lapsePenalty, open: true, mode: 0 };
  const { receipt, sent } = await write(chain, jobManagerAbi, jobManager, 'openJob', [full]);
  return { jobId: eventFrom(receipt, jobManagerAbi, 'JobOpened').jobId, ...sent };
}
