import { type Hex, zeroHash } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { windowManagerAbi } from './generated/WindowManager.ts';

export type SubmissionRecord = {
  readonly submissionId: Hex;
  readonly statementHash: Hex;
  readonly proofHash: Hex;
  /** The child checkpoint of a training window; 0 for an answer. */
  readonly resultId: bigint;
  readonly submittedAt: bigint;
  /** The verifier has accepted it. */
  readonly proved: boolean;
  /** Rejected though its proof was not refused. */
  readonly withheld: boolean;
};

/** What was submitted under a lease, whatever became of it; undefined where nothing was. */
export async function getSubmission(chain: ChainReader, deployment: Deployment, submissionId: Hex): Promise<SubmissionRecord | undefined> {
  const found = await read(chain, windowManagerAbi, deployment.addresses.windowManager, 'submissionOf', [submissionId]);
  return found.statementHash === zeroHash ? undefined : { submissionId, ...found };
}
