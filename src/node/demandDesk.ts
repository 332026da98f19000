import type { Hex } from 'viem';
import { demandProof } from '../chain/demandProof.ts';
import { getDemand } from '../chain/getDemand.ts';
import { getEvents } from '../chain/getEvents.ts';
import { getJob } from '../chain/getJob.ts';
import { getLease } from '../chain/getLease.ts';
import { getSubmission } from '../chain/getSubmission.ts';
import { slashWithheld } from '../chain/slashWithheld.ts';
import { withdrawOwed } from '../chain/withdrawOwed.ts';
import { AssayError } from '../errors.ts';
import type { Role } from './openRole.ts';
import type { Emit } from './roleEvent.ts';
import { blockNumber } from './tendJob.ts';

/** Verdicts of this validator's journal that came without the proof itself. */
const notShown: ReadonlySet<string> = new Set(['PROOF_FILE_MALFORMED', 'PROOF_FILE_MISMATCH']);

/** Demands for proofs that nobody has shown: made in the second half of a submission's silence, followed to their end. */
export type DemandDesk = {
  /** Does whatever is due now. What fails is told and tried again. */
  tend(): Promise<number>;
};

/**
 * Watches submissions to optimistic jobs.
 *
 * @param jobId only this job's; every job's otherwise
 */
export function createDemandDesk(role: Pick<Role, 'chain' | 'deployment' | 'store'>, jobId: bigint | undefined, emit: Emit): DemandDesk {
  const { chain, deployment, store } = role;
  const watched = new Map<Hex, bigint>();
  let from: bigint | undefined;

  const follow = async (submissionId: Hex, ofJob: bigint): Promise<number> => {
    const leased = await getLease(chain, deployment, submissionId);
    if (leased?.state !== 'submitted') {
      watched.delete(submissionId);
      return 0;
    }
    const demand = await getDemand(chain, deployment, submissionId);
    const next = (await blockNumber(chain)) + 1n;
    if (demand?.open === true) {
      if (next <= demand.deadline) return 0;
      const { slashed, hash } = await slashWithheld(chain, deployment, submissionId);
      emit({
        event: 'slashed',
        submissionId,
        operator: leased.operator,
        reason: 'PROOF_WITHHELD',
        amount: slashed.toString(),
        transactionHash: hash,
      });
      watched.delete(submissionId);
      await withdrawOwed(chain, deployment);
      return 1;
    }
    if (demand !== undefined) return 0;
    const submission = await getSubmission(chain, deployment, submissionId);
    const { finalityBlocks } = await getJob(chain, deployment, ofJob);
    if (submission === undefined || submission.proved) return 0;
    const half = submission.submittedAt + BigInt(Math.floor(finalityBlocks / 2));
    if (next <= half || next > submission.submittedAt + BigInt(finalityBlocks)) return 0;
    // Of this very statement: its operator may have shown a true proof of another one.
    const judged = await store.attestations.get(submissionId, submission.statementHash, submission.proofHash);
    if (judged !== undefined && !notShown.has(judged.verdict)) return 0;
    const { hash } = await demandProof(chain, deployment, submissionId);
    emit({ event: 'demanded', submissionId, transactionHash: hash });
    return 0;
  };

  return {
    async tend() {
      let slashed = 0;
      const latest = await blockNumber(chain);
      for (const event of await getEvents(chain, deployment, {
        names: ['WindowSubmitted'],
        ...(from === undefined ? {} : { fromBlock: from }),
      })) {
        if (event.name !== 'WindowSubmitted' || (jobId !== undefined && event.args.jobId !== jobId)) continue;
        watched.set(event.args.submissionId.toLowerCase() as Hex, event.args.jobId);
      }
      from = latest + 1n;
      for (const [submissionId, ofJob] of watched) {
        try {
          slashed += await follow(submissionId, ofJob);
        } catch (error) {
          if (!(error instanceof AssayError)) throw error;
          emit({ event: 'warning', code: error.code, message: error.message });
        }
      }
      return slashed;
    },
  };
}
