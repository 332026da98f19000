import { hexToBytes } from 'viem';
import type { JobInput } from './addInputs.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { getEvents } from './getEvents.ts';
import { getJob } from './getJob.ts';

/** The inputs of an inference job, in the order of its answers. Throws CHAIN_UNKNOWN_JOB. */
export async function getInputs(chain: ChainReader, deployment: Deployment, jobId: bigint): Promise<readonly JobInput[]> {
  const { openBlock } = await getJob(chain, deployment, jobId);
  const events = await getEvents(chain, deployment, { names: ['InputAdded'], fromBlock: openBlock });
  const inputs: JobInput[] = [];
  for (const event of events) {
    if (event.name !== 'InputAdded' || event.args.jobId !== jobId) continue;
    inputs[Number(event.args.windowIndex)] = { inputId: event.args.inputId, cid: hexToBytes(event.args.cid) };
  }
  return inputs;
}
