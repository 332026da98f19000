import { isAddressEqual } from 'viem';
import type { Job } from '../chain/getJob.ts';
import { getLease, type LeaseRecord } from '../chain/getLease.ts';
import { getSubmission } from '../chain/getSubmission.ts';
import { getSubmissionAt } from '../chain/getSubmissionAt.ts';
import { statementHash } from '../commitment/ids.ts';
import type { Announcement } from '../net/messages.ts';
import type { Judgement } from './judgeAnnouncement.ts';
import { type Role, signedNames } from './openRole.ts';

/** Announcements that came in, and what this worker found of those that it would build on. */
export type Ancestors = {
  receive(message: Announcement, source: string): void;
  /**
   * Whether every window that is submitted and not final holds: it is this operator's own, proved on chain, or found true here. What nobody has
   * announced may be withheld: nothing is built on it.
   */
  hold(
    role: Pick<Role, 'chain' | 'deployment'>,
    state: Job,
    operator: `0x${string}`,
    judge: (state: Job, leased: LeaseRecord, message: Announcement, source: string) => Promise<Judgement>,
  ): Promise<boolean>;
};

/** Remembers the latest `capacity` announcements and verdicts. */
export function createAncestors(capacity = 512): Ancestors {
  const heard = new Map<string, { readonly message: Announcement; readonly source: string }>();
  const accepted = new Set<string>();
  const bound = (keys: Map<string, unknown> | Set<string>): void => {
    const oldest = keys.keys().next();
    if (keys.size > capacity && oldest.done === false) keys.delete(oldest.value);
  };
  // With the statement: the same bytes may be announced for another one, and are worth nothing for the one that stands.
  const keyOf = (submissionId: string, statement: string, proofHash: string): string =>
    `${submissionId}/${statement}/${proofHash}`.toLowerCase();
  return {
    receive(message, source) {
      for (const name of signedNames(message)) {
        heard.set(keyOf(message.submissionId, statementHash(name, message.statement.map(BigInt)), message.proofHash), { message, source });
        bound(heard);
      }
    },
    async hold(role, state, operator, judge) {
      const { chain, deployment } = role;
      for (let window = state.finalized; window < state.submitted; window++) {
        const submissionId = await getSubmissionAt(chain, deployment, state.jobId, BigInt(window));
        if (submissionId === undefined) return false;
        const submission = await getSubmission(chain, deployment, submissionId);
        const leased = await getLease(chain, deployment, submissionId);
        if (submission === undefined || leased === undefined) return false;
        if (submission.proved || isAddressEqual(leased.operator, operator)) continue;
        const key = keyOf(submissionId, submission.statementHash, submission.proofHash);
        if (accepted.has(key)) continue;
        const announced = heard.get(key);
        if (announced === undefined) return false;
        if ((await judge(state, leased, announced.message, announced.source)).verdict !== 'accept') return false;
        accepted.add(key);
        bound(accepted);
      }
      return true;
    },
  };
}
