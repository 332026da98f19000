import { toHex } from 'viem';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { jobManagerAbi } from './generated/JobManager.ts';

export type JobInput = {
  /** `inputIdOf(...)` of src/commitment/ids.ts. */
  readonly inputId: bigint;
  /** CIDv1 bytes of the input blob. */
  readonly cid: Uint8Array;
};

/** JobManager.MAX_INPUTS: how many one transaction may add. */
const atOnce = 64;

/**
 * Appends inputs to an inference job of the sender's, one for each answer, in order; several transactions where there are many.
 *
 * @throws CHAIN_INPUT_COUNT (more than the job pays for, or none), CHAIN_NOT_ALLOWED, CHAIN_NOT_AN_INFERENCE_JOB, CHAIN_WRONG_JOB_STATE
 */
export async function addInputs(
  chain: ChainWriter,
  deployment: Deployment,
  jobId: bigint,
  inputs: readonly JobInput[],
): Promise<readonly Sent[]> {
  const done: Sent[] = [];
  // At least once: that there are none is the contract's to say.
  for (let at = 0; at === 0 || at < inputs.length; at += atOnce) {
    const part = inputs.slice(at, at + atOnce).map(({ inputId, cid }) => ({ inputId, cid: toHex(cid) }));
    const { sent } = await write(chain, jobManagerAbi, deployment.addresses.jobManager, 'addInputs', [jobId, part]);
    done.push(sent);
  }
  return done;
}
