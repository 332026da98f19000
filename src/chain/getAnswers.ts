import type { Address, Hex } from 'viem';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { getEvents } from './getEvents.ts';
import { getJob } from './getJob.ts';

export type FinalizedAnswer = {
  readonly windowIndex: bigint;
  readonly submissionId: Hex;
  readonly operator: Address;
  /** context, checkpointId, maskId, inputId, then the output words */
  readonly statement: readonly bigint[];
  readonly inputId: bigint;
  readonly outputs: readonly bigint[];
  readonly proofHash: Hex;
  readonly reward: bigint;
  readonly transactionHash: Hex;
  readonly blockNumber: bigint;
};

/** Every answer of an inference job that was proved and paid, in order, from its events. Throws CHAIN_UNKNOWN_JOB. */
export async function getAnswers(chain: ChainReader, deployment: Deployment, jobId: bigint): Promise<readonly FinalizedAnswer[]> {
  const { openBlock } = await getJob(chain, deployment, jobId);
  const events = await getEvents(chain, deployment, { names: ['WindowFinalized'], fromBlock: openBlock });
  return events.flatMap((event): FinalizedAnswer[] => {
    if (event.name !== 'WindowFinalized' || event.args.jobId !== jobId) return [];
    const { windowIndex, submissionId, operator, statement, proofHash, reward } = event.args;
    const { transactionHash, blockNumber } = event;
    const [, , , inputId, ...outputs] = statement;
    return [
      {
        windowIndex,
        submissionId,
        operator,
        statement,
        inputId: inputId as bigint,
        outputs,
        proofHash,
        reward,
        transactionHash,
        blockNumber,
      },
    ];
  });
}
