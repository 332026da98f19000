import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { type FinalUnit, getFinalUnits } from './getFinalUnits.ts';
import { getJob } from './getJob.ts';

export type FinalizedAnswer = FinalUnit & {
  readonly inputId: bigint;
  readonly outputs: readonly bigint[];
};

/** Every final answer of an inference job, in order, from its events. Throws CHAIN_UNKNOWN_JOB. */
export async function getAnswers(chain: ChainReader, deployment: Deployment, jobId: bigint): Promise<readonly FinalizedAnswer[]> {
  const job = await getJob(chain, deployment, jobId);
  const { units } = await getFinalUnits(chain, deployment, job);
  return units.map((unit) => {
    // context, checkpointId, maskId, inputId, then the output words
    const [, , , inputId, ...outputs] = unit.statement;
    return { ...unit, inputId: inputId as bigint, outputs };
  });
}
