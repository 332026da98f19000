import { type Address, type Hex, zeroHash } from 'viem';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { type OpenJobReturnType, openWith, type PaymentTerms } from './openJob.ts';

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
  readonly worker?: Address | undefined;
  /** The circuit that has proved the checkpoint well-formed; needed where weights are hidden. */
  readonly wellFormedCircuit?: Hex | undefined;
};

/**
 * Opens an inference job, active at once, and escrows price and fee of every answer (approving them first where needed). Inputs come by `addInputs`.
 *
 * @throws CHAIN_NOT_THE_OWNER, CHAIN_NOT_WELL_FORMED, CHAIN_NOT_A_START, CHAIN_INVALID_TERMS, CHAIN_UNSUPPORTED_STATEMENT, CHAIN_NEW_JOBS_PAUSED
 */
export async function openInferenceJob(chain: ChainWriter, deployment: Deployment, terms: InferenceTerms): Promise<OpenJobReturnType> {
  const { checkpointId, answers, open = false, ...rest } = terms;
  return openWith(chain, deployment, {
    ...rest,
    datasetId: zeroHash,
    genesisId: checkpointId,
    windows: answers,
    licensorBps: 0,
    open,
  });
}
