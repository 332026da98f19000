import type { Address, Hex } from 'viem';
import type { Job } from '../../chain/getJob.ts';
import { showTokens } from '../framework/amounts.ts';
import { showId } from '../framework/ids.ts';

/** A job as the command line prints it. Amounts are whole tokens as decimal strings, field-valued ids hex. */
export type JobFacts = {
  readonly jobId: number;
  readonly statement: 'train-window' | 'inference';
  readonly state: string;
  readonly requester: Address;
  readonly windows: number;
  /** Submitted or final; what is not final yet may still be rejected. */
  readonly submitted: number;
  readonly finalized: number;
  readonly mode: 'eager' | 'optimistic';
  /** Proofs from one parent a window. */
  readonly contributions: number;
  /** Seats that are drawn for each submission. */
  readonly validators: number;
  readonly steps: number;
  readonly price: string;
  /** ASSAY burned for each unit. */
  readonly fee: string;
  readonly bond: string;
  readonly lapsePenalty: string;
  /** What the job still holds. */
  readonly escrow: string;
  readonly token: Address;
  readonly circuitId: Hex;
  readonly modelId: Hex;
  readonly datasetId: Hex;
  readonly datasetRoot: Hex;
  readonly genesisId: Hex;
  /** What the next window starts from, final or not. */
  readonly headId: Hex;
  /** What the last final window ended in. */
  readonly finalId: Hex;
  /** Null until it is drawn. */
  readonly batchSeed: Hex | null;
  readonly openBlock: number;
  readonly leaseBlocks: number;
  readonly freeReleaseBlocks: number;
  readonly evidenceBlocks: number;
  /** 0 in an eager job. */
  readonly finalityBlocks: number;
  readonly answerBlocks: number;
  /** The only operator that may lease; null for any. */
  readonly worker: Address | null;
  /** The circuit that has proved the checkpoint well-formed; null where none need have. */
  readonly wellFormedCircuit: Hex | null;
};

export function describeJob(job: Job): JobFacts {
  return {
    jobId: Number(job.jobId),
    statement: job.statementName,
    state: job.state,
    requester: job.requester,
    windows: job.windows,
    submitted: job.submitted,
    finalized: job.finalized,
    mode: job.mode,
    contributions: job.contributions,
    validators: job.validators,
    steps: job.steps,
    price: showTokens(job.price),
    fee: showTokens(job.fee),
    bond: showTokens(job.bond),
    lapsePenalty: showTokens(job.lapsePenalty),
    escrow: showTokens(job.escrow),
    token: job.token,
    circuitId: job.circuitId,
    modelId: job.modelId,
    datasetId: job.datasetId,
    datasetRoot: showId(job.datasetRoot),
    genesisId: showId(job.genesisId),
    headId: showId(job.headId),
    finalId: showId(job.finalId),
    batchSeed: job.batchSeed === 0n ? null : showId(job.batchSeed),
    openBlock: Number(job.openBlock),
    leaseBlocks: job.leaseBlocks,
    freeReleaseBlocks: job.freeReleaseBlocks,
    evidenceBlocks: job.evidenceBlocks,
    finalityBlocks: job.finalityBlocks,
    answerBlocks: job.answerBlocks,
    worker: job.worker ?? null,
    wellFormedCircuit: job.wellFormedCircuit ?? null,
  };
}
