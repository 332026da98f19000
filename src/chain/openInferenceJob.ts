import { type Address, type Hex, zeroAddress, zeroHash } from 'viem';
import type { Sent } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { openWith, type PaymentTerms } from './openJob.ts';

export type InferenceTerms = PaymentTerms & {
  /** Of the statement inference. */
  readonly circuitId: Hex;
  /** The checkpoint that is asked. */
  readonly checkpointId: bigint;
  /** How many answers the job pays for; each takes one input. */
  readonly answers: number;
  /** The weights are public. Default false. */
  readonly open?: boolean;
  /** The only operator that may answer; where weights are hidden the checkpoint's registrant. Default: any. */
  readonly worker?: Address;
  /** The circuit that has proved the checkpoint well-formed; needed where weights are hidden. */
  readonly wellFormedCircuit?: Hex;
};

/**
 * Opens an inference job, active at once, and escrows price * answers (approving it first where needed). Inputs come by `addInputs`.
 *
 * @throws CHAIN_NOT_THE_OWNER, CHAIN_NOT_WELL_FORMED, CHAIN_NOT_A_START, CHAIN_INVALID_TERMS, CHAIN_UNSUPPORTED_STATEMENT
 */
export async function openInferenceJob(
  chain: ChainWriter,
  deployment: Deployment,
  terms: InferenceTerms,
): Promise<Sent & { jobId: bigint }> {
  const { checkpointId, answers, open = false, worker = zeroAddress, wellFormedCircuit = zeroHash, ...rest } = terms;
  return openWith(chain, deployment, {
    ...rest,
    datasetId: zeroHash,
    genesisId: checkpointId,
    windows: answers,
    open,
    worker,
    wellFormedCircuit,
  });
}
