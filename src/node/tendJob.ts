import { finalize } from '../chain/finalize.ts';
import { getDemand } from '../chain/getDemand.ts';
import type { Job } from '../chain/getJob.ts';
import { getSubmission } from '../chain/getSubmission.ts';
import { getSubmissionAt } from '../chain/getSubmissionAt.ts';
import { merge } from '../chain/merge.ts';
import { toChainError } from '../chain/toChainError.ts';
import type { Point } from '../commitment/kzg.ts';
import { AssayError } from '../errors.ts';
import type { Role } from './openRole.ts';
import type { Emit } from './roleEvent.ts';
import type { WindowJob } from './windowJob.ts';

/** Commitments of a window's parent and of every contribution to it, in order. */
export type MergePoints = { readonly base: readonly Point[]; readonly children: readonly (readonly Point[])[] };

/** What merging the contributions to a job's current window needs, trained again from its head. */
export async function mergePointsOf(job: Pick<WindowJob, 'checkpoint' | 'contributionsTo'>, state: Job): Promise<MergePoints> {
  const base = await job.checkpoint(state.headId);
  const made = await job.contributionsTo(state.submitted, base, state.batchSeed);
  return { base: base.points, children: made.map(({ points }) => points) };
}

/** Somebody else was faster, or the chain has moved: the next look tells. */
const lostRaces = new Set([
  'CHAIN_NOTHING_TO_FINALIZE',
  'CHAIN_NOT_FINAL_YET',
  'CHAIN_PROOF_DEMANDED',
  'CHAIN_NOTHING_TO_MERGE',
  'CHAIN_POINTS_MISMATCH',
  'CHAIN_REVERTED',
]);

/**
 * Moves a job along as anybody may: makes final what is due, merges the contributions to a window once all are proved.
 *
 * @param mergePoints recomputes what a merge needs; without it contributions are left to others
 * @returns whether a transaction was sent
 */
export async function tendJob(
  role: Pick<Role, 'chain' | 'deployment'>,
  state: Job,
  emit: Emit,
  mergePoints?: (state: Job) => Promise<MergePoints>,
): Promise<boolean> {
  const { chain, deployment } = role;
  const { jobId } = state;
  try {
    if (await isDue(role, state)) {
      await finalize(chain, deployment, jobId);
      emit({ event: 'finalized', jobId: Number(jobId), fromWindow: state.finalized });
      return true;
    }
    if (mergePoints !== undefined && state.contributions > 1 && state.contributed === state.contributions) {
      await merge(chain, deployment, { jobId, ...(await mergePoints(state)) });
      emit({ event: 'merged', jobId: Number(jobId), windowIndex: state.submitted });
      return true;
    }
  } catch (error) {
    if (!(error instanceof AssayError) || !lostRaces.has(error.code)) throw error;
  }
  return false;
}

/** Whether the lowest window that is not final can be made so. */
async function isDue({ chain, deployment }: Pick<Role, 'chain' | 'deployment'>, state: Job): Promise<boolean> {
  if (state.submitted === state.finalized) return false;
  const submissionId = await getSubmissionAt(chain, deployment, state.jobId, BigInt(state.finalized));
  const submission = submissionId === undefined ? undefined : await getSubmission(chain, deployment, submissionId);
  if (submission === undefined) return false;
  if (submission.proved) return true;
  // The block that a transaction sent now would be in is the next one.
  if ((await blockNumber(chain)) < submission.submittedAt + BigInt(state.finalityBlocks)) return false;
  return (await getDemand(chain, deployment, submission.submissionId))?.open !== true;
}

/** The latest block's number. */
export async function blockNumber(chain: Role['chain']): Promise<bigint> {
  try {
    return await chain.client.getBlockNumber({ cacheTime: 0 });
  } catch (error) {
    throw toChainError(error, chain.rpcUrl);
  }
}
