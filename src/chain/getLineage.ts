import type { Address, Hex } from 'viem';
import { AssayError } from '../errors.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { getEvents } from './getEvents.ts';
import { getJob } from './getJob.ts';

export type FinalizedWindow = {
  readonly windowIndex: bigint;
  readonly submissionId: Hex;
  readonly operator: Address;
  /** context, parentId, childId, maskId, datasetRoot, batchSeed, firstStep, lossSum */
  readonly statement: readonly bigint[];
  readonly parentId: bigint;
  readonly childId: bigint;
  readonly lossSum: bigint;
  readonly proofHash: Hex;
  readonly reward: bigint;
  readonly transactionHash: Hex;
  readonly blockNumber: bigint;
};

export type Lineage = { readonly genesisId: bigint; readonly headId: bigint; readonly windows: readonly FinalizedWindow[] };

/**
 * A training job's checkpoints from genesis to head, rebuilt from events and checked against the job's state: every window follows on the one before.
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
  const events = await getEvents(chain, deployment, { names: ['WindowFinalized'], fromBlock: job.openBlock });
  const windows: FinalizedWindow[] = [];
  let headId = job.genesisId;
  for (const event of events) {
    if (event.name !== 'WindowFinalized' || event.args.jobId !== jobId) continue;
    // A window finalized after the job was read belongs to the next answer.
    if (windows.length === job.finalized) break;
    const { windowIndex, submissionId, operator, statement, proofHash, reward } = event.args;
    const [, parentId, childId, , , , , lossSum] = statement as readonly [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];
    if (windowIndex !== BigInt(windows.length) || parentId !== headId) {
      throw new AssayError('CHAIN_LINEAGE_BROKEN', `window ${windowIndex} of job ${jobId} does not follow on the one before`);
    }
    const { transactionHash, blockNumber } = event;
    windows.push({
      windowIndex,
      submissionId,
      operator,
      statement,
      parentId,
      childId,
      lossSum,
      proofHash,
      reward,
      transactionHash,
      blockNumber,
    });
    headId = childId;
  }
  if (windows.length !== job.finalized || headId !== job.headId) {
    throw new AssayError('CHAIN_LINEAGE_BROKEN', `job ${jobId} has ${job.finalized} windows, the node's events show ${windows.length}`, {
      hint: 'Ask a node that keeps all logs since the deployment.',
    });
  }
  return { genesisId: job.genesisId, headId, windows };
}
