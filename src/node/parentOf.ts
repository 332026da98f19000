import type { Job } from '../chain/getJob.ts';
import { getLineage } from '../chain/getLineage.ts';
import { getSubmission } from '../chain/getSubmission.ts';
import { getSubmissionAt } from '../chain/getSubmissionAt.ts';
import type { Role } from './openRole.ts';

/**
 * The checkpoint that window `windowIndex` of a training job starts from: final, or the result of a submission below it that is not yet. Of a window that
 * nobody can work on yet it is the head.
 */
export async function parentOf(
  { chain, deployment }: Pick<Role, 'deployment'> & { readonly chain: Parameters<typeof getLineage>[0] },
  state: Pick<Job, 'jobId' | 'submitted' | 'finalized' | 'headId' | 'finalId'>,
  windowIndex: number,
): Promise<bigint> {
  if (windowIndex >= state.submitted) return state.headId;
  if (windowIndex === state.finalized) return state.finalId;
  if (windowIndex > state.finalized) {
    const below = await getSubmissionAt(chain, deployment, state.jobId, BigInt(windowIndex - 1));
    const submission = below === undefined ? undefined : await getSubmission(chain, deployment, below);
    return submission?.resultId ?? state.headId;
  }
  const { windows } = await getLineage(chain, deployment, state.jobId);
  return windows.find((window) => Number(window.windowIndex) === windowIndex)?.parentId ?? state.headId;
}
