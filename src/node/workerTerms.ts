import { type Address, formatUnits, isAddressEqual } from 'viem';
import type { Job } from '../chain/getJob.ts';

/** What a worker takes of a requester's terms. Requesters set them as they like, so each has a safe default here. Amounts in units of 1e-18. */
export type WorkerTerms = {
  /** The token that it is paid in. Default: the deployment's; another one may be worth nothing. */
  readonly token?: Address;
  /** Of one window or answer. Default 0.01. */
  readonly minPrice?: bigint;
  /** Stake that a lease locks, and a false proof costs. Default 100. */
  readonly maxBond?: bigint;
  /** Stake that is burned where a lease lapses. Default 1. */
  readonly maxLapsePenalty?: bigint;
  /** A lease too short to prove in costs the lapse penalty. Default 50. */
  readonly minLeaseBlocks?: number;
};

const defaultWorkerTerms = {
  minPrice: 10n ** 16n,
  maxBond: 100n * 10n ** 18n,
  maxLapsePenalty: 10n ** 18n,
  minLeaseBlocks: 50,
} as const;

/** Which of a job's terms a worker does not take, and what would allow it; undefined where it takes all. Terms never change. */
export function refusedTerms(
  job: Pick<Job, 'token' | 'price' | 'bond' | 'lapsePenalty' | 'leaseBlocks'>,
  terms: WorkerTerms,
  stakeToken: Address,
): string | undefined {
  const { token = stakeToken, minPrice, maxBond, maxLapsePenalty, minLeaseBlocks } = { ...defaultWorkerTerms, ...terms };
  const show = (amount: bigint): string => formatUnits(amount, 18);
  if (!isAddressEqual(job.token, token)) return `it pays in the token ${job.token} (--token)`;
  if (job.price < minPrice) return `it pays ${show(job.price)}, less than ${show(minPrice)} (--min-price)`;
  if (job.bond > maxBond) return `it locks a bond of ${show(job.bond)}, more than ${show(maxBond)} (--max-bond)`;
  if (job.lapsePenalty > maxLapsePenalty) {
    return `a lapse costs ${show(job.lapsePenalty)}, more than ${show(maxLapsePenalty)} (--max-lapse-penalty)`;
  }
  if (job.leaseBlocks < minLeaseBlocks)
    return `its leases last ${job.leaseBlocks} blocks, fewer than ${minLeaseBlocks} (--min-lease-blocks)`;
  return undefined;
}
