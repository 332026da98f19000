import { type Address, type Hex, zeroAddress, zeroHash } from 'viem';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { ensureAllowance } from './ensureAllowance.ts';
import { eventFrom } from './eventFrom.ts';
import { jobManagerAbi } from './generated/JobManager.ts';

/** What jobs of every kind are paid and bonded by. */
export type PaymentTerms = {
  /** ERC-20 that pays. Default: the deployment's token. */
  readonly token?: Address;
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

export type JobTerms = PaymentTerms & {
  readonly circuitId: Hex;
  readonly datasetId: Hex;
  /** Checkpoint that the first window starts from. */
  readonly genesisId: bigint;
  readonly windows: number;
};

/** Opens a training job with open weights in eager mode, and escrows price * windows (approving it first where needed). */
export async function openJob(chain: ChainWriter, deployment: Deployment, terms: JobTerms): Promise<Sent & { jobId: bigint }> {
  return openWith(chain, deployment, { ...terms, open: true, worker: zeroAddress, wellFormedCircuit: zeroHash });
}

/** Every term of the contract's but those with a default. */
export type FullTerms = JobTerms & { readonly open: boolean; readonly worker: Address; readonly wellFormedCircuit: Hex };

/** Opens a job of any kind; `openJob` and `openInferenceJob` say what each kind needs. */
export async function openWith(chain: ChainWriter, deployment: Deployment, terms: FullTerms): Promise<Sent & { jobId: bigint }> {
  const { jobManager, token: stakeToken } = deployment.addresses;
  const { token = stakeToken, lapsePenalty = 0n } = terms;
  await ensureAllowance(chain, token, jobManager, terms.price * BigInt(terms.windows));
  const full = { ...terms, token, lapsePenalty, mode: 0 };
  const { receipt, sent } = await write(chain, jobManagerAbi, jobManager, 'openJob', [full]);
  return { jobId: eventFrom(receipt, jobManagerAbi, 'JobOpened').jobId, ...sent };
}
