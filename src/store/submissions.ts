import { AssayError } from '../errors.ts';
import { buckets } from './buckets.ts';
import type { GuardedDatabase, Value } from './guardedDatabase.ts';
import { keyBytes } from './keyBytes.ts';
import { advanceSubmission, finalStates, type Hex, type NewSubmission, type Submission, type SubmissionEvent } from './submissionState.ts';

/** A worker's journal: what it has leased, and how far it got. */
export type Submissions = {
  /** Enters a lease; where it is known already, returns it as it stands. Throws STORE_CONFLICT where other facts are known under its id. */
  lease(lease: NewSubmission): Promise<Submission>;
  /** Journals an event and returns the submission after it; durable when it resolves. Throws STORE_TRANSITION, STORE_UNKNOWN. */
  advance(submissionId: Hex, event: SubmissionEvent): Promise<Submission>;
  get(submissionId: Hex): Promise<Submission | undefined>;
  /** Those that are not settled or abandoned: what a worker that starts again goes on with. */
  unfinished(): Promise<Submission[]>;
  all(): Promise<Submission[]>;
};

const keyOf = (submissionId: Hex) => keyBytes([{ value: submissionId, bytes: 32 }]);

/** The submissions in `database`. */
export function submissionsIn(database: GuardedDatabase): Submissions {
  // The checksum of a record shows that it is one of those written below.
  const read = async (key: Uint8Array) => (await database.get(buckets.submissions, key)) as Submission | undefined;
  const all = async () => (await database.entries(buckets.submissions)).map(({ value }) => value as Submission);

  return {
    async lease(lease) {
      const key = keyOf(lease.submissionId);
      return database.update(true, async () => {
        const known = await read(key);
        if (known !== undefined) {
          const differs = (Object.keys(lease) as (keyof NewSubmission)[]).find((name) => known[name] !== lease[name]);
          if (differs !== undefined) {
            throw new AssayError('STORE_CONFLICT', `Submission ${lease.submissionId} is known with another ${differs}`);
          }
          return { changes: [], result: known };
        }
        const submission: Submission = { ...lease, state: 'leased' };
        return { changes: [{ bucket: buckets.submissions, key, value: submission as unknown as Value }], result: submission };
      });
    },
    async advance(submissionId, event) {
      const key = keyOf(submissionId);
      return database.update(true, async () => {
        const current = await read(key);
        if (current === undefined) throw new AssayError('STORE_UNKNOWN', `There is no submission ${submissionId}`);
        const next = advanceSubmission(current, event);
        return { changes: [{ bucket: buckets.submissions, key, value: next as unknown as Value }], result: next };
      });
    },
    get: async (submissionId) => read(keyOf(submissionId)),
    unfinished: async () => (await all()).filter(({ state }) => !finalStates.has(state)),
    all,
  };
}
