import { AssayError } from '../errors.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { type FinalUnit, getFinalUnits, type Merge } from './getFinalUnits.ts';
import { getJob } from './getJob.ts';

/** Its statement: context, parentId, childId, maskId, datasetRoot, batchSeed, firstStep, lossSum. */
export type FinalizedWindow = FinalUnit & {
  readonly parentId: bigint;
  readonly childId: bigint;
  readonly lossSum: bigint;
};

export type Lineage = {
  readonly genesisId: bigint;
  /** The checkpoint that the last final window ended in. */
  readonly headId: bigint;
  /** The genesis, then what each window ended in: entry k is what window k started from. */
  readonly checkpoints: readonly bigint[];
  /** Of a job with several contributions a window: each of them, in the order in which they were proved. */
  readonly windows: readonly FinalizedWindow[];
  /** One for each of its windows. */
  readonly merges: readonly Merge[];
};

/**
 * A training job's final checkpoints from genesis to head, rebuilt from events and checked against the job's state: every window follows on the
 * one before. Windows that are submitted and not final are left out.
 *
 * @throws CHAIN_UNKNOWN_JOB, CHAIN_NOT_A_TRAINING_JOB, CHAIN_LINEAGE_BROKEN where the node's events do not add up to the job's state
 */
export async function getLineage(chain: ChainReader, deployment: Deployment, jobId: bigint): Promise<Lineage> {
  const job = await getJob(chain, deployment, jobId);
  if (job.statementName !== 'train-window') {
    throw new AssayError('CHAIN_NOT_A_TRAINING_JOB', `job ${jobId} pays for answers: it has no lineage`, {
      hint: 'assay job show says what it was answered.',
    });
  }
  const { units, merges: allMerges } = await getFinalUnits(chain, deployment, job);
  const broken = (windowIndex: number): never => {
    throw new AssayError('CHAIN_LINEAGE_BROKEN', `window ${windowIndex} of job ${jobId} does not follow on the one before`);
  };
  const byWindow = Map.groupBy(units, ({ windowIndex }) => Number(windowIndex));
  const mergeOf = new Map(allMerges.map((merge) => [Number(merge.windowIndex), merge]));
  const windows: FinalizedWindow[] = [];
  const merges: Merge[] = [];
  let headId = job.genesisId;
  const checkpoints = [headId];
  // What became final after the job was read belongs to the next answer.
  for (let index = 0; index < job.finalized; index++) {
    const parts = byWindow.get(index) ?? [];
    if (parts.length !== job.contributions) broken(index);
    for (const unit of parts) {
      const [, parentId, childId, , , , , lossSum] = unit.statement as readonly [
        bigint,
        bigint,
        bigint,
        bigint,
        bigint,
        bigint,
        bigint,
        bigint,
      ];
      if (parentId !== headId) broken(index);
      windows.push({ ...unit, parentId, childId, lossSum });
    }
    if (job.contributions === 1) {
      headId = (windows.at(-1) as FinalizedWindow).childId;
      checkpoints.push(headId);
      continue;
    }
    const merge = mergeOf.get(index);
    if (merge === undefined || merge.baseId !== headId) return broken(index);
    merges.push(merge);
    headId = merge.mergedId;
    checkpoints.push(headId);
  }
  if (headId !== job.finalId) {
    throw new AssayError('CHAIN_LINEAGE_BROKEN', `job ${jobId} has ended in ${job.finalId}, the node's events show ${headId}`, {
      hint: 'Ask a node that keeps all logs since the deployment.',
    });
  }
  return { genesisId: job.genesisId, headId, checkpoints, windows, merges };
}
