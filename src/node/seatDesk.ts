import { randomBytes } from 'node:crypto';
import { type Address, bytesToHex, type Hex, isAddressEqual } from 'viem';
import { commitAttestation } from '../chain/commitAttestation.ts';
import { getDrawn } from '../chain/getDrawn.ts';
import { getJob, type Job } from '../chain/getJob.ts';
import { getLease } from '../chain/getLease.ts';
import { getSeat } from '../chain/getSeat.ts';
import { getSubmission, type SubmissionRecord } from '../chain/getSubmission.ts';
import { revealAttestation } from '../chain/revealAttestation.ts';
import { settleSeat } from '../chain/settleSeat.ts';
import { attestationCommitment, attestationDigest } from '../commitment/ids.ts';
import { AssayError } from '../errors.ts';
import type { SeatRecord } from '../store/seats.ts';
import type { Role } from './openRole.ts';
import type { Emit } from './roleEvent.ts';
import { blockNumber } from './tendJob.ts';

/** A proof that this validator has found true. */
export type FoundTrue = {
  readonly submissionId: Hex;
  readonly jobId: bigint;
  /** Of the statement that it proves: its bytes under another statement are false. */
  readonly statementHash: Hex;
  readonly proofHash: Hex;
  readonly proof: Uint8Array;
  readonly opening: Uint8Array;
};

/** The seats of submissions for which a validator is drawn: committed, revealed and settled in their times. */
export type SeatDesk = {
  /** Remembers a true proof until its submission is on chain and the draw is known. */
  found(proof: FoundTrue): void;
  /** Does whatever is due now. What fails is told and tried again. */
  tend(): Promise<void>;
};

const maxFound = 64;

export function createSeatDesk(role: Pick<Role, 'chain' | 'deployment' | 'store'>, operator: Address, emit: Emit): SeatDesk {
  const { chain, deployment, store } = role;
  const waiting = new Map<Hex, FoundTrue>();

  const take = async (found: FoundTrue, job: Job, submission: SubmissionRecord, at: bigint): Promise<void> => {
    const { submissionId, jobId, proof, opening } = found;
    // The draw rests on the hash of the block after the submission's, which the one after that knows.
    if (at < submission.submittedAt + 2n) return;
    if (at >= submission.submittedAt + BigInt(Math.floor(job.finalityBlocks / 2))) waiting.delete(submissionId);
    if (submission.proved || submission.statementHash !== found.statementHash || submission.proofHash !== found.proofHash) {
      waiting.delete(submissionId);
      return;
    }
    for (let seat = 0; seat < job.validators; seat++) {
      const drawn = await getDrawn(chain, deployment, submissionId, BigInt(seat));
      if (drawn === undefined || !isAddressEqual(drawn, operator)) continue;
      if ((await getSeat(chain, deployment, submissionId, BigInt(seat))).state !== 'empty') continue;
      const salt = bytesToHex(randomBytes(32));
      const digest = attestationDigest(operator, proof, opening);
      const commitment = attestationCommitment({ submissionId, seat: BigInt(seat), operator, digest, salt });
      const known = await store.seats.get(submissionId, seat);
      const record =
        known ?? (await store.seats.take({ submissionId, seat, jobId: Number(jobId), digest, salt, commitment, settled: false }));
      await commitAttestation(chain, deployment, { submissionId, seat: BigInt(seat), operator, proof, opening, salt: record.salt });
      emit({ event: 'seat', submissionId, seat, step: 'committed' });
    }
    waiting.delete(submissionId);
  };

  const lookAt = async (found: FoundTrue): Promise<void> => {
    const job = await getJob(chain, deployment, found.jobId);
    const submission =
      job.mode === 'optimistic' && job.validators > 0 ? await getSubmission(chain, deployment, found.submissionId) : undefined;
    if (submission !== undefined) return take(found, job, submission, await blockNumber(chain));
    const leased = await getLease(chain, deployment, found.submissionId);
    if (job.mode === 'eager' || job.validators === 0 || leased?.ended !== undefined) waiting.delete(found.submissionId);
  };

  const goOn = async ({ submissionId, seat, jobId, digest, salt }: SeatRecord): Promise<void> => {
    const held = await getSeat(chain, deployment, submissionId, BigInt(seat));
    const submission = await getSubmission(chain, deployment, submissionId);
    const leased = await getLease(chain, deployment, submissionId);
    const job = await getJob(chain, deployment, BigInt(jobId));
    const next = (await blockNumber(chain)) + 1n;
    const lastCommit = (submission?.submittedAt ?? 0n) + BigInt(Math.floor(job.finalityBlocks / 2));
    const lastReveal = (submission?.submittedAt ?? 0n) + BigInt(job.finalityBlocks);
    const mine = held.operator !== undefined && isAddressEqual(held.operator, operator);
    if (held.state === 'settled' || (!mine && (submission === undefined || next > lastCommit))) {
      await store.seats.settle(submissionId, seat);
    } else if (held.state === 'committed' && next > lastCommit && next <= lastReveal && (leased?.state === 'submitted' || leased?.state === 'finalized')) {
      await revealAttestation(chain, deployment, { submissionId, seat: BigInt(seat), digest, salt });
      emit({ event: 'seat', submissionId, seat, step: 'revealed' });
    } else if (
      mine &&
      leased !== undefined &&
      (leased.state === 'rejected' ||
        leased.state === 'orphaned' ||
        (leased.state === 'finalized' && next > lastReveal + BigInt(job.answerBlocks)))
    ) {
      await settleSeat(chain, deployment, submissionId, BigInt(seat));
      await store.seats.settle(submissionId, seat);
      emit({ event: 'seat', submissionId, seat, step: 'settled' });
    }
  };

  const attempt = async (action: () => Promise<void>): Promise<void> => {
    try {
      await action();
    } catch (error) {
      if (!(error instanceof AssayError)) throw error;
      emit({ event: 'warning', code: error.code, message: error.message });
    }
  };

  return {
    found(proof) {
      waiting.set(proof.submissionId, proof);
      const oldest = waiting.keys().next();
      if (waiting.size > maxFound && oldest.done === false) waiting.delete(oldest.value);
    },
    async tend() {
      for (const found of [...waiting.values()]) await attempt(() => lookAt(found));
      for (const record of await store.seats.open()) await attempt(() => goOn(record));
    },
  };
}
