import { type Address, isAddressEqual } from 'viem';
import { getCircuit } from '../chain/getCircuit.ts';
import { getInputCount } from '../chain/getInputCount.ts';
import { getJob, type Job } from '../chain/getJob.ts';
import { getJobCount } from '../chain/getJobCount.ts';
import { decodeInferenceShape } from '../commitment/decodeShape.ts';
import { AssayError } from '../errors.ts';
import type { Submission } from '../store/submissionState.ts';
import type { Role } from './openRole.ts';
import { pause } from './pause.ts';
import type { Emit } from './roleEvent.ts';
import { refusedTerms, type WorkerTerms } from './workerTerms.ts';

export type AnswerTerms = WorkerTerms & {
  /** Answers with every output of the last layer, too: from enough of them the weights can be worked out. Default false: classes only. */
  readonly logits?: boolean;
};

/** How one job is worked on, by whoever runs the service. */
export type AnswerSteps = {
  /** Takes a journaled submission to its end. @returns 1 where this run settled it */
  carryOn(submission: Submission): Promise<number>;
  /** Leases the next answer of a job. @returns undefined where there is nothing to lease just now */
  leaseNext(job: Job): Promise<Submission | undefined>;
  /** Lets go of what is open for a job. */
  close(jobId: bigint): Promise<void>;
  /** Claims what was earned. */
  collect(): Promise<void>;
};

export type AnswerAllParameters = {
  readonly role: Pick<Role, 'chain' | 'deployment'> & {
    readonly store: { readonly submissions: Pick<Role['store']['submissions'], 'unfinished'> };
  };
  readonly operator: Address;
  /** The checkpoint that answers. */
  readonly checkpointId: bigint;
  readonly terms: AnswerTerms;
  readonly steps: AnswerSteps;
  /** Counts answers as they are settled. */
  readonly counts: { settled: number };
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** Pause after a pass in which nothing was done. Default 500. */
  readonly idleMs?: number;
  /** Wait after a first failure; doubled after each further one, up to 30 times it. Default 10 s. */
  readonly retryMs?: number;
};

/** What no later try can mend: neither the circuit nor the input of a job changes. */
const hopeless = new Set([
  'CIRCUIT_MISMATCH',
  'CIRCUIT_DEV_KEY',
  'COMMITMENT_SHAPE_MALFORMED',
  'INPUT_MISMATCH',
  'DATA_INPUT_MALFORMED',
  'CHAIN_CID_INVALID',
  'WORKER_MODEL_MISMATCH',
]);

/** New jobs that are looked at in one pass. */
const jobsPerPass = 200;

/**
 * Answers every inference job that asks one checkpoint of this operator, as they come, until the signal. What was leased is finished first, whatever
 * its job looks like now; a fault in one job, of a peer or of the node holds up nothing but itself.
 */
export async function answerAll(parameters: AnswerAllParameters): Promise<never> {
  const { role, operator, checkpointId, terms, steps, counts, emit, signal, idleMs = 500, retryMs = 10_000 } = parameters;
  const { chain, deployment, store } = role;
  const failures = new Map<string, { readonly tries: number; readonly until: number }>();
  const waits = (key: string): boolean => (failures.get(key)?.until ?? 0) > Date.now();
  /** Runs `action`; a failure is told, and tried again later. @returns its result, undefined where it failed, and whether for good */
  const attempt = async <T>(key: string, what: string, action: () => Promise<T>): Promise<{ result?: T; hopeless: boolean }> => {
    if (waits(key)) return { hopeless: false };
    try {
      const result = await action();
      failures.delete(key);
      return { result, hopeless: false };
    } catch (error) {
      signal.throwIfAborted();
      const code = error instanceof AssayError ? error.code : 'UNEXPECTED';
      const tries = (failures.get(key)?.tries ?? 0) + 1;
      failures.set(key, { tries, until: Date.now() + retryMs * Math.min(2 ** (tries - 1), 30) });
      emit({ event: 'warning', code, message: `${what}: ${(error as Error).message}` });
      return { hopeless: hopeless.has(code) };
    }
  };

  const takes = async (job: Job): Promise<boolean> => {
    const { jobId } = job;
    if (job.statementName !== 'inference' || job.genesisId !== checkpointId) return false;
    if (job.worker !== undefined && !isAddressEqual(job.worker, operator)) return false;
    if (job.state === 'completed' || job.state === 'cancelled') return false;
    const refuse = (why: string): false => {
      emit({ event: 'warning', code: 'WORKER_TERMS', message: `job ${jobId} is not taken: ${why}` });
      return false;
    };
    const refused = refusedTerms(job, terms, deployment.addresses.token);
    if (refused !== undefined) return refuse(refused);
    if (terms.logits === true) return true;
    const { output } = decodeInferenceShape((await getCircuit(chain, deployment, job.circuitId)).shape);
    return output === 'class' || refuse('it asks for every output, from which weights can be worked out (--logits)');
  };

  /** Jobs that are not done with, and whether their terms have been judged; what is not for this worker is looked at once. */
  const jobs = new Map<bigint, 'new' | 'taken'>();
  let next = 1n;
  const lookForJobs = async (): Promise<void> => {
    const count = await getJobCount(chain, deployment);
    for (let found = 0; next <= count && found < jobsPerPass; found++) jobs.set(next++, 'new');
  };

  /** A job has ended since the last claim. */
  let owed = false;

  const workOn = async (jobId: bigint, started: ReadonlySet<bigint>, waiting: ReadonlySet<bigint>): Promise<boolean> => {
    const job = await getJob(chain, deployment, jobId);
    if (jobs.get(jobId) === 'new') {
      if (!(await takes(job))) {
        jobs.delete(jobId);
        return false;
      }
      jobs.set(jobId, 'taken');
    }
    if (job.state === 'completed' || job.state === 'cancelled') {
      if (started.has(jobId) || waiting.has(jobId)) return false;
      jobs.delete(jobId);
      await steps.close(jobId);
      emit({ event: 'jobEnded', jobId: Number(jobId), state: job.state, finalized: job.finalized });
      owed = true;
      return false;
    }
    // What is leased already comes first: it could still count, and another lease would end it.
    if (started.has(jobId) || job.state !== 'active') return false;
    if ((await getInputCount(chain, deployment, jobId)) <= job.submitted) return false;
    const leased = await steps.leaseNext(job);
    if (leased === undefined) return false;
    counts.settled += await steps.carryOn(leased);
    return true;
  };

  const unfinished = async (): Promise<readonly Submission[]> => {
    const { chainId } = chain;
    const jobManager = deployment.addresses.jobManager.toLowerCase();
    return (await store.submissions.unfinished()).filter((one) => one.chainId === chainId && one.jobManager.toLowerCase() === jobManager);
  };

  for (;;) {
    signal.throwIfAborted();
    let worked = false;
    for (const submission of await unfinished()) {
      const { submissionId, jobId } = submission;
      const { result } = await attempt<number>(submissionId, `an unfinished submission to job ${jobId}`, () => steps.carryOn(submission));
      if (result === undefined) continue;
      counts.settled += result;
      // What waits to be final is looked at again and again, and is no work.
      if (submission.state !== 'submitted' || result > 0) worked = true;
    }
    await attempt('jobs', 'looking for jobs', lookForJobs);
    const left = await unfinished();
    const started = new Set(left.filter(({ state }) => state !== 'submitted').map((one) => BigInt(one.jobId)));
    const waiting = new Set(left.map((one) => BigInt(one.jobId)));
    for (const jobId of [...jobs.keys()]) {
      signal.throwIfAborted();
      const { result, hopeless: never } = await attempt(`job ${jobId}`, `job ${jobId}`, () => workOn(jobId, started, waiting));
      if (result === true) worked = true;
      if (!never) continue;
      jobs.delete(jobId);
      await attempt(`close ${jobId}`, `job ${jobId}`, () => steps.close(jobId));
    }
    if (owed) {
      await attempt('claim', 'claiming', async () => {
        await steps.collect();
        owed = false;
      });
    }
    if (!worked) await pause(idleMs, signal);
  }
}
