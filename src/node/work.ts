import type { Job } from '../chain/getJob.ts';
import type { LeaseRecord } from '../chain/getLease.ts';
import type { BlobId } from '../commitment/blobId.ts';
import type { Announcement } from '../net/messages.ts';
import type { ProofFile } from '../proof/proofFile.ts';
import type { Submission } from '../store/submissionState.ts';
import type { Judgement } from './judgeAnnouncement.ts';
import type { SignedStatement } from './openRole.ts';
import type { RoleEvent } from './roleEvent.ts';
import type { MergePoints } from './tendJob.ts';

/** What a worker does for one job, whatever its windows state; leases, journal, announcements and payment are the same for all. */
export type Work = {
  readonly jobId: bigint;
  readonly statementName: SignedStatement;
  /** The job as the chain has it now. */
  state(): Promise<Job>;
  /** Fetches and checks what the next window starts from. @returns what a lease names: head or input; undefined where there is nothing to do yet */
  prepare(state: Job): Promise<bigint | undefined>;
  /** Does the leased window. @returns the blob that its announcement names beside the proof */
  perform(submission: Submission): Promise<BlobId>;
  /** Proves it. The proof has been verified with the deployed code. */
  prove(submission: Submission, leased: LeaseRecord): Promise<{ readonly file: ProofFile; readonly proved: RoleEvent }>;
  /** Judges another operator's window, before anything is built on it. */
  judge(state: Job, leased: LeaseRecord, message: Announcement, source: string): Promise<Judgement>;
  /** What merging the contributions to the current window needs; absent where there is never more than one. */
  mergePoints?(state: Job): Promise<MergePoints>;
  /** The statement's words that the chain does not know: what `submit` takes. */
  results(statement: readonly bigint[]): readonly bigint[];
  close(): Promise<void>;
};
