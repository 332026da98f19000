import type { Address, Hex } from 'viem';
import { AssayError } from '../errors.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { getEvents } from './getEvents.ts';
import type { Job } from './getJob.ts';

/** A unit of a job that is final: a contribution to a window, or an answer. */
export type FinalUnit = {
  readonly windowIndex: bigint;
  readonly contributionIndex: bigint;
  readonly submissionId: Hex;
  readonly operator: Address;
  /** The words that were submitted (the event WindowSubmitted says which). */
  readonly statement: readonly bigint[];
  readonly proofHash: Hex;
  /** By a proof; otherwise by silence. */
  readonly proved: boolean;
  /** The transaction that brought the proof; undefined where none did. */
  readonly provedIn: Hex | undefined;
  /** The worker's part of the price, in the job's token. */
  readonly reward: bigint;
  /** Of the transaction that made it final. */
  readonly transactionHash: Hex;
  readonly blockNumber: bigint;
};

/** Contributions that were merged into the checkpoint which the next window starts from. */
export type Merge = { readonly windowIndex: bigint; readonly baseId: bigint; readonly mergedId: bigint; readonly transactionHash: Hex };

export type FinalUnits = { readonly units: readonly FinalUnit[]; readonly merges: readonly Merge[] };

/** Every final unit of a job and every merge, in order, from its events. Throws CHAIN_EVENT_MISSING where the node has not kept them all. */
export async function getFinalUnits(
  chain: ChainReader,
  deployment: Deployment,
  job: Pick<Job, 'jobId' | 'openBlock'>,
): Promise<FinalUnits> {
  const names = ['WindowSubmitted', 'WindowProved', 'UnitPaid', 'WindowFinalized', 'WindowMerged'] as const;
  const events = await getEvents(chain, deployment, { names, fromBlock: job.openBlock });
  const submitted = new Map<Hex, { statement: readonly bigint[]; proofHash: Hex }>();
  const rewards = new Map<Hex, bigint>();
  const proofs = new Map<Hex, Hex>();
  const merges: Merge[] = [];
  for (const event of events) {
    if (event.name === 'WindowSubmitted' && event.args.jobId === job.jobId) submitted.set(event.args.submissionId, event.args);
    if (event.name === 'WindowProved') proofs.set(event.args.submissionId, event.transactionHash);
    if (event.name === 'UnitPaid' && event.args.jobId === job.jobId) rewards.set(event.args.submissionId, event.args.workerPart);
    if (event.name === 'WindowMerged' && event.args.jobId === job.jobId) {
      const { windowIndex, baseId, mergedId } = event.args;
      merges.push({ windowIndex, baseId, mergedId, transactionHash: event.transactionHash });
    }
  }
  const units = events.flatMap((event): FinalUnit[] => {
    if (event.name !== 'WindowFinalized' || event.args.jobId !== job.jobId) return [];
    const { windowIndex, contributionIndex, submissionId, operator, proved } = event.args;
    const words = submitted.get(submissionId);
    const reward = rewards.get(submissionId);
    if (words === undefined || reward === undefined) {
      throw new AssayError('CHAIN_EVENT_MISSING', `the node shows no submission ${submissionId}, which is final`, {
        hint: 'Ask a node that keeps all logs since the deployment.',
      });
    }
    const { statement, proofHash } = words;
    const { transactionHash, blockNumber } = event;
    return [
      {
        windowIndex,
        contributionIndex,
        submissionId,
        operator,
        statement,
        proofHash,
        proved,
        provedIn: proofs.get(submissionId),
        reward,
        transactionHash,
        blockNumber,
      },
    ];
  });
  return { units, merges };
}
