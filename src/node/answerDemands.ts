import { getDemand } from '../chain/getDemand.ts';
import { settle } from '../chain/settle.ts';
import { AssayError } from '../errors.ts';
import { decodeProofFile } from '../proof/proofFile.ts';
import type { Submission } from '../store/submissionState.ts';
import type { Role } from './openRole.ts';
import { pause } from './pause.ts';
import type { Emit } from './roleEvent.ts';

/** Somebody else has posted the proof. */
const posted: ReadonlySet<string> = new Set(['CHAIN_WRONG_LEASE_STATE', 'CHAIN_REVERTED']);

/**
 * Posts the proof of every submission in the journal of which it is demanded, until the signal. Beside all other work: proving the next window may
 * take longer than the time to answer. What fails is told and tried again.
 */
export async function answerDemands(
  role: Pick<Role, 'chain' | 'deployment'> & {
    readonly store: {
      readonly submissions: Pick<Role['store']['submissions'], 'unfinished'>;
      readonly blobs: Pick<Role['store']['blobs'], 'get'>;
    };
  },
  emit: Emit,
  signal: AbortSignal,
  everyMs = 1_000,
): Promise<void> {
  const { chain, deployment, store } = role;
  const jobManager = deployment.addresses.jobManager.toLowerCase();
  const attempt = async (action: () => Promise<void>): Promise<void> => {
    try {
      await action();
    } catch (error) {
      if (signal.aborted) return;
      emit({ event: 'warning', code: error instanceof AssayError ? error.code : 'UNEXPECTED', message: (error as Error).message });
    }
  };
  const answer = async (submission: Submission): Promise<void> => {
    if (submission.state !== 'submitting' && submission.state !== 'submitted') return;
    if (submission.chainId !== chain.chainId || submission.jobManager.toLowerCase() !== jobManager) return;
    const { submissionId, proofCid } = submission;
    if ((await getDemand(chain, deployment, submissionId))?.open !== true) return;
    const bytes = await store.blobs.get(proofCid);
    if (bytes === undefined) throw new AssayError('STORE_BLOB_MISSING', `the proof of ${submissionId} is not in this store`);
    const { proof, opening, statement } = decodeProofFile(bytes);
    try {
      const { hash } = await settle(chain, deployment, { submissionId, statement, proof, opening });
      emit({ event: 'posted', submissionId, transactionHash: hash });
    } catch (error) {
      if (!(error instanceof AssayError) || !posted.has(error.code)) throw error;
    }
  };
  while (!signal.aborted) {
    await attempt(async () => {
      for (const submission of await store.submissions.unfinished()) await attempt(() => answer(submission));
    });
    await attempt(() => pause(everyMs, signal));
  }
}
