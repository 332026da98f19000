import { encodeFunctionData, type Hex, isAddressEqual, numberToHex, toHex } from 'viem';
import { captureSeed, seedDelay } from '../chain/captureSeed.ts';
import { windowManagerAbi } from '../chain/generated/WindowManager.ts';
import { getEvents } from '../chain/getEvents.ts';
import { getHotKeyOwner } from '../chain/getHotKeyOwner.ts';
import { getJob, type Job } from '../chain/getJob.ts';
import { getLease, type LeaseRecord } from '../chain/getLease.ts';
import { getSlot, type Slot } from '../chain/getSlot.ts';
import { getStatement } from '../chain/getStatement.ts';
import { lease } from '../chain/lease.ts';
import { releaseLease } from '../chain/releaseLease.ts';
import { signAnnouncement } from '../chain/signAnnouncement.ts';
import { toChainError } from '../chain/toChainError.ts';
import { verifyingGas } from '../chain/verifyingGas.ts';
import { waitForBlock } from '../chain/waitForBlock.ts';
import { proofHash, statementHash } from '../commitment/ids.ts';
import { AssayError, exitCodes } from '../errors.ts';
import { type Announcement, decodeAnnouncement, encodeAnnouncement, maxStatementWords } from '../net/messages.ts';
import { decodeProofFile, encodeProofFile } from '../proof/proofFile.ts';
import type { Submission } from '../store/submissionState.ts';
import { type Ancestors, createAncestors } from './ancestors.ts';
import { type AnswerTerms, answerAll } from './answerAll.ts';
import { answerDemands } from './answerDemands.ts';
import { type AnswerSettings, openAnswerWork } from './answerWork.ts';
import { type AttestationDesk, createAttestationDesk } from './attestationDesk.ts';
import { collect } from './collect.ts';
import { createJobShelf, type JobShelf } from './jobShelf.ts';
import { awaitOutcome, sendJournaled } from './journaledTransaction.ts';
import { openRole, type Role } from './openRole.ts';
import { pause } from './pause.ts';
import { blockNumber, tendJob } from './tendJob.ts';
import { openWindowWork } from './windowWork.ts';
import type { Work } from './work.ts';
import { refusedTerms } from './workerTerms.ts';

export type RunWorkerParameters = AnswerSettings & {
  /** What is taken of a requester's terms. */
  readonly terms?: AnswerTerms;
  /** The job to work on; without it every inference job that asks `model` of this operator, until the signal. */
  readonly jobId?: bigint;
  /** How long to wait for a validator's word before submitting without it. */
  readonly attestationTimeoutMs: number;
  /** How long to leave the next window to others after an own one, so that workers take turns. */
  readonly turnMs: number;
};

export type RunWorkerReturnType = { readonly settled: number; readonly state: Job['state'] };

/** Jobs whose circuit and prover stay in memory at once; those longest unused are closed, and opened again when they are needed. */
const maxOpenWorks = 4;

/** What a worker works with. */
type Bench = {
  readonly role: Role;
  readonly work: Work;
  readonly desk: AttestationDesk;
  readonly ancestors: Ancestors;
  readonly operator: Hex;
  readonly parameters: RunWorkerParameters;
};

/**
 * Works on one job until it ends, or answers whatever asks its model: leases windows in turn with others, trains or answers, proves, announces,
 * submits. Every step that can cost money is journaled first, so a worker that is killed and started again submits each window exactly once.
 *
 * @returns windows settled by this run, and the job's last state
 * @throws WORKER_NOT_REGISTERED (exit code 4) where the key serves no operator; WORKER_IDLE where neither job nor model is given; WORKER_TERMS; those of
 *   openRole, openWindowWork and openAnswerWork
 */
export async function runWorker(parameters: RunWorkerParameters): Promise<RunWorkerReturnType> {
  const { jobId, signal } = parameters;
  const desk = createAttestationDesk();
  const ancestors = createAncestors();
  const role = await openRole(parameters, {
    async onAnnouncement(message, source) {
      ancestors.receive(message, source.publisher);
    },
    async onAttestation(attestation) {
      desk.receive(attestation);
    },
  });
  let works: JobShelf<Work> | undefined;
  const counts = { settled: 0 };
  const ended = new AbortController();
  // From the start, before what is begun goes on: a demand may have come while this worker was down.
  const answering = answerDemands(role, parameters.emit, AbortSignal.any([signal, ended.signal]));
  try {
    const operator = await getHotKeyOwner(role.chain, role.deployment, parameters.account.address);
    if (operator === undefined) {
      throw new AssayError('WORKER_NOT_REGISTERED', `${parameters.account.address} is nobody's hot key`, {
        exitCode: exitCodes.keysNeeded,
        hint: 'Register it with its operator: assay worker register.',
      });
    }
    const open = async (id: bigint): Promise<Work> => {
      const { statementName } = await getJob(role.chain, role.deployment, id);
      return (statementName === 'inference' ? openAnswerWork : openWindowWork)(role, parameters, id, operator);
    };
    const shelf = createJobShelf(open, maxOpenWorks);
    works = shelf;
    const atBench = <T>(id: bigint, action: (bench: Bench) => Promise<T>): Promise<T> =>
      shelf.use(id, (work) => action({ role, work, desk, ancestors, operator, parameters }));
    if (jobId !== undefined) {
      // What was leased under other settings is finished all the same; nothing new is leased then.
      const begun = (await role.store.submissions.unfinished()).some((one) => one.jobId === Number(jobId));
      if (!begun) requireTerms(await getJob(role.chain, role.deployment, jobId), parameters, role.deployment.addresses.token);
      const state = await atBench(jobId, (bench) => workOn(bench, counts));
      return { settled: counts.settled, state };
    }
    const { model, emit, terms = {} } = parameters;
    if (model === undefined) {
      throw new AssayError('WORKER_IDLE', 'neither a job nor a model was given', {
        exitCode: exitCodes.usage,
        hint: 'Name a job (--job), or the model that answers (--model).',
      });
    }
    return await answerAll({
      role,
      operator,
      checkpointId: model.checkpointId,
      terms,
      counts,
      emit,
      signal,
      steps: {
        carryOn: async (submission) => atBench(BigInt(submission.jobId), (bench) => carryOn(bench, submission)),
        leaseNext: async (job) => atBench(job.jobId, (bench) => tryLease(bench, job, false)),
        close: (id) => shelf.close(id),
        collect: () => collect(role, operator, emit),
      },
    });
  } catch (error) {
    if (signal.aborted) return { settled: counts.settled, state: 'active' };
    throw error;
  } finally {
    ended.abort();
    await answering;
    await works?.closeAll();
    await role.close();
  }
}

/** @throws WORKER_TERMS (exit code 2) */
function requireTerms(job: Job, { terms = {} }: RunWorkerParameters, token: Hex): void {
  const refused = refusedTerms(job, terms, token);
  if (refused === undefined) return;
  throw new AssayError('WORKER_TERMS', `job ${job.jobId} is not taken: ${refused}`, {
    exitCode: exitCodes.usage,
    hint: 'Requesters set their terms as they like. The option named above allows these.',
  });
}

/** Works on one job until it ends. @returns its last state */
async function workOn(bench: Bench, counts: { settled: number }): Promise<Job['state']> {
  const { role, work, operator, parameters } = bench;
  const { signal, emit } = parameters;
  await adoptLeases(bench);
  await finishOld(bench, counts);
  requireTerms(await work.state(), parameters, role.deployment.addresses.token);
  let lastOwn = { windowIndex: -1, at: 0 };
  for (;;) {
    signal.throwIfAborted();
    // Those that wait to be final, too.
    await finishOld(bench, counts);
    const state = await work.state();
    const waiting = (await unfinishedOf(bench)).length > 0;
    if ((state.state === 'completed' || state.state === 'cancelled') && !waiting) {
      emit({ event: 'jobEnded', jobId: Number(work.jobId), state: state.state, finalized: state.finalized });
      await collect(role, operator, emit);
      return state.state;
    }
    if (await tendJob(role, state, emit, work.mergePoints)) continue;
    // The window after an own one is the others' for a while; once somebody has done one, nobody waits.
    const othersFirst = state.submitted === lastOwn.windowIndex + 1 && Date.now() - lastOwn.at < parameters.turnMs;
    const taken = await tryLease(bench, state, othersFirst);
    if (taken === undefined) {
      await pause(300, signal);
      continue;
    }
    counts.settled += await carryOn(bench, taken);
    lastOwn = { windowIndex: taken.windowIndex, at: Date.now() };
  }
}

/** This job's submissions that have not come to their end. */
async function unfinishedOf({ role, work }: Bench): Promise<Submission[]> {
  const { chainId } = role.chain;
  const jobManager = role.deployment.addresses.jobManager.toLowerCase();
  return (await role.store.submissions.unfinished()).filter(
    (one) => one.jobId === Number(work.jobId) && one.chainId === chainId && one.jobManager.toLowerCase() === jobManager,
  );
}

/** Goes on with what is begun. */
async function finishOld(bench: Bench, counts: { settled: number }): Promise<void> {
  for (const submission of await unfinishedOf(bench)) counts.settled += await carryOn(bench, submission);
}

/** Journals leases that were taken just before this worker was killed: the bond is locked, only the journal does not know. */
async function adoptLeases({ role, work, operator }: Bench): Promise<void> {
  const { chain, deployment, store } = role;
  const { openBlock } = await work.state();
  for (const event of await getEvents(chain, deployment, { names: ['LeaseTaken'], fromBlock: openBlock })) {
    if (event.name !== 'LeaseTaken' || event.args.jobId !== work.jobId || !isAddressEqual(event.args.operator, operator)) continue;
    const submissionId = event.args.submissionId.toLowerCase() as Hex;
    if ((await store.submissions.get(submissionId)) !== undefined) continue;
    const leased = await getLease(chain, deployment, submissionId);
    if (leased?.state === 'held') await journalLease(role, leased);
  }
}

/** Codes of a lease attempt that somebody else's move can cause: look again, nothing is wrong. */
const lostRaces = new Set([
  // The head was rejected while its checkpoint was looked for.
  'CHECKPOINT_UNKNOWN',
  'CHAIN_LEASE_HELD',
  'CHAIN_START_MOVED',
  'CHAIN_INPUT_MISSING',
  'CHAIN_WRONG_JOB_STATE',
  'CHAIN_WINDOW_DONE',
  'CHAIN_TOO_MANY_UNFINALIZED',
  'CHAIN_PRIORITY_WAIT',
  'CHAIN_REVERTED',
  'CHAIN_SEED_TOO_EARLY',
]);

/** The contract's limit of windows that are submitted and not final. */
const maxUnfinalized = 8;

/** Moves the job along where that is possible; returns the journaled lease once this worker holds one. */
async function tryLease(bench: Bench, state: Job, othersFirst: boolean): Promise<Submission | undefined> {
  const { role, work, operator, ancestors, parameters } = bench;
  const { chain, deployment } = role;
  try {
    if (state.state === 'open') {
      await waitForBlock(chain, state.openBlock + seedDelay + 1n);
      if ((await work.state()).state === 'open') {
        await captureSeed(chain, deployment, work.jobId);
        parameters.emit({ event: 'seedCaptured', jobId: Number(work.jobId) });
      }
      return undefined;
    }
    if (state.state !== 'active' || othersFirst) return undefined;
    if (state.submitted >= state.windows || state.submitted - state.finalized >= maxUnfinalized) return undefined;
    const free = await freeContribution(bench, state);
    if (free === undefined) return undefined;
    if ('forgotten' in free) return await journalLease(role, free.forgotten);
    const { contributionIndex } = free;
    // Nothing is built on what this worker has not found true.
    if (!(await ancestors.hold(role, state, operator, work.judge))) return undefined;
    const start = await work.prepare(state);
    if (start === undefined) return undefined;
    const taken = await lease(chain, deployment, work.jobId, contributionIndex, start);
    parameters.emit({
      event: 'leased',
      jobId: Number(work.jobId),
      windowIndex: Number(taken.windowIndex),
      submissionId: taken.submissionId,
    });
    return await journalLease(role, { ...taken, operator, jobId: work.jobId });
  } catch (error) {
    if (error instanceof AssayError && lostRaces.has(error.code)) return undefined;
    throw error;
  }
}

/**
 * A contribution to the current window that can be leased now, or this operator's own lease of one that the journal does not know: its transaction was
 * mined after this worker was killed. Undefined where all are done, or held by others.
 */
async function freeContribution(
  { role, operator }: Bench,
  state: Job,
): Promise<{ readonly contributionIndex: bigint } | { readonly forgotten: LeaseRecord } | undefined> {
  const { chain, deployment, store } = role;
  for (let c = 0n; c < BigInt(state.contributions); c++) {
    const slot = await getSlot(chain, deployment, state.jobId, c);
    if (slot.done) continue;
    if (slot.raced || slot.holder === undefined) return { contributionIndex: c };
    const held = await getLease(chain, deployment, slot.holder);
    if (held?.state !== 'held') return { contributionIndex: c };
    const own = isAddressEqual(held.operator, operator);
    if (own && (await store.submissions.get(slot.holder.toLowerCase() as Hex)) === undefined) return { forgotten: held };
    // One whose deadline has passed lapses when somebody else leases.
    if ((await blockNumber(chain)) > held.deadline) return { contributionIndex: c };
  }
  return undefined;
}

type HeldLease = Pick<LeaseRecord, 'submissionId' | 'jobId' | 'windowIndex' | 'contributionIndex' | 'leaseNonce' | 'operator'>;

/** Enters a lease into the journal; one that is known already is returned as it stands. */
function journalLease({ chain, deployment, store }: Role, held: HeldLease): Promise<Submission> {
  return store.submissions.lease({
    submissionId: held.submissionId.toLowerCase() as Hex,
    chainId: chain.chainId,
    jobManager: deployment.addresses.jobManager.toLowerCase() as Hex,
    jobId: Number(held.jobId),
    windowIndex: Number(held.windowIndex),
    contributionIndex: Number(held.contributionIndex),
    leaseNonce: Number(held.leaseNonce),
    operator: held.operator.toLowerCase() as Hex,
  });
}

/**
 * Takes a submission from whatever state it is in as far as it goes now: to its end, or to where it waits to be final.
 *
 * @returns 1 where this run found it paid
 */
async function carryOn(bench: Bench, from: Submission): Promise<number> {
  const { role, parameters } = bench;
  let submission = from;
  for (;;) {
    parameters.signal.throwIfAborted();
    if (submission.state === 'settled') return 1;
    if (submission.state === 'abandoned') return 0;
    if (submission.state === 'submitting') {
      submission = await awaitSubmitted(bench, submission);
      continue;
    }
    const leased = await getLease(role.chain, role.deployment, submission.submissionId);
    if (submission.state === 'submitted') {
      submission = await watchSubmitted(bench, submission, leased);
      if (submission.state === 'submitted') return 0;
      continue;
    }
    const over = leased === undefined ? 'LEASE_UNKNOWN' : await whyOver(bench, leased);
    submission = over === undefined ? await advance(bench, submission, leased as LeaseRecord) : await abandon(bench, submission, over);
  }
}

async function abandon({ role, parameters }: Bench, { submissionId }: Submission, reason: string): Promise<Submission> {
  parameters.emit({ event: 'abandoned', submissionId, reason });
  return role.store.submissions.advance(submissionId, { type: 'abandoned', reason });
}

/** Why nothing can be submitted under a lease any more; undefined where something can. One that is void and still locks a bond is given back. */
async function whyOver({ role, work }: Bench, leased: LeaseRecord): Promise<string | undefined> {
  const { chain, deployment } = role;
  if (leased.ended !== undefined || (leased.state !== 'held' && leased.state !== 'lapsed')) return `LEASE_${leased.state.toUpperCase()}`;
  const state = await work.state();
  const slot: Slot | undefined =
    leased.epoch === state.epoch && Number(leased.windowIndex) === state.submitted
      ? await getSlot(chain, deployment, leased.jobId, leased.contributionIndex)
      : undefined;
  if (slot !== undefined && !slot.done) {
    return leased.state === 'lapsed' && state.state === 'cancelled' ? 'LEASE_LAPSED' : undefined;
  }
  if (leased.state === 'held') await releaseLease(chain, deployment, leased.submissionId);
  return leased.epoch === state.epoch ? 'WINDOW_TAKEN' : 'PARENT_REJECTED';
}

/** Looks what has become of a submission that waits to be final. */
async function watchSubmitted(
  bench: Bench,
  submission: Submission & { state: 'submitted' },
  leased: LeaseRecord | undefined,
): Promise<Submission> {
  const { role, work, parameters } = bench;
  const { submissionId, transactionHash, blockNumber: submittedIn, jobId, windowIndex } = submission;
  if (leased === undefined) return abandon(bench, submission, 'LEASE_UNKNOWN');
  if (leased.state === 'finalized') {
    parameters.emit({ event: 'paid', jobId, windowIndex, submissionId });
    return role.store.submissions.advance(submissionId, { type: 'settled', transactionHash, blockNumber: submittedIn });
  }
  if (leased.state !== 'submitted') return abandon(bench, submission, `LEASE_${leased.state.toUpperCase()}`);
  await tendJob(role, await work.state(), parameters.emit, work.mergePoints);
  return submission;
}

async function advance(bench: Bench, submission: Submission, leased: LeaseRecord): Promise<Submission> {
  const { role, work, parameters, desk } = bench;
  const { chain, deployment, store, net } = role;
  const { submissionId } = submission;
  switch (submission.state) {
    case 'leased':
      return store.submissions.advance(submissionId, { type: 'trained', checkpointCid: await work.perform(submission) });
    case 'trained': {
      const { file, proved } = await work.prove(submission, leased);
      const proofCid = await store.blobs.put(encodeProofFile(file));
      parameters.emit(proved);
      return store.submissions.advance(submissionId, {
        type: 'proved',
        statement: file.statement.map((word) => numberToHex(word, { size: 32 })),
        proofHash: proofHash(file.proof, file.opening),
        proofCid,
      });
    }
    case 'proved': {
      // Too long for a message: it is submitted on its own word.
      if (submission.statement.length > maxStatementWords)
        return store.submissions.advance(submissionId, { type: 'announced', announcement: new Uint8Array() });
      const message = {
        submissionId,
        statementHash: statementHash(work.statementName, submission.statement.map(BigInt)),
        proofHash: submission.proofHash,
      };
      const signature = await signAnnouncement(parameters.account, {
        chainId: chain.chainId,
        jobManager: deployment.addresses.jobManager,
        message,
      });
      const { windowIndex, contributionIndex, leaseNonce, operator, statement, checkpointCid, proofCid } = submission;
      const announcement: Announcement = {
        chainId: chain.chainId,
        jobManager: submission.jobManager,
        jobId: submission.jobId,
        windowIndex,
        contributionIndex,
        leaseNonce,
        operator,
        submissionId,
        statement,
        proofHash: submission.proofHash,
        proofCid,
        checkpointCid,
        signature,
      };
      return store.submissions.advance(submissionId, { type: 'announced', announcement: encodeAnnouncement(announcement) });
    }
    case 'announced': {
      if (submission.announcement.length === 0) return submit(bench, submission);
      const listeners = await net.announce(decodeAnnouncement(submission.announcement));
      parameters.emit({ event: 'announced', jobId: submission.jobId, windowIndex: submission.windowIndex, submissionId, listeners });
      const started = Date.now();
      const attestation = await desk.next(submissionId, submission.proofHash, parameters.attestationTimeoutMs, parameters.signal);
      parameters.signal.throwIfAborted();
      if (attestation === undefined) {
        parameters.emit({
          event: 'warning',
          code: 'NO_ATTESTATION',
          message: `no validator spoke within ${parameters.attestationTimeoutMs / 1000} s; submitting all the same`,
        });
      } else {
        const { verdict, validator } = attestation;
        parameters.emit({ event: 'attested', submissionId, verdict, validator, seconds: (Date.now() - started) / 1000 });
      }
      return submit(bench, submission);
    }
    default:
      throw new AssayError('WORKER_STATE', `a submission cannot go on from ${submission.state}`);
  }
}

async function submit(bench: Bench, submission: Submission & { state: 'announced' }): Promise<Submission> {
  const { role, work } = bench;
  const { chain, deployment, store } = role;
  const { submissionId, statement } = submission;
  const bytes = await store.blobs.get(submission.proofCid);
  if (bytes === undefined) throw new AssayError('STORE_BLOB_MISSING', `the proof of ${submissionId} is not in this store`);
  const { proof, opening } = decodeProofFile(bytes);
  const words = statement.map(BigInt);
  const results = work.results(words);
  const { mode } = await work.state();
  const abi = windowManagerAbi;
  const call = {
    to: deployment.addresses.windowManager,
    ...(mode === 'optimistic'
      ? {
          data: encodeFunctionData({
            abi,
            functionName: 'submit',
            args: [submissionId, results, statementHash(work.statementName, words), submission.proofHash],
          }),
        }
      : {
          data: encodeFunctionData({ abi, functionName: 'submitAndSettle', args: [submissionId, results, toHex(proof), toHex(opening)] }),
          gas: verifyingGas(proof.length + opening.length, statement.length),
        }),
  };
  try {
    // A reorganisation may have changed seed or parent under the lease: the chain refuses what was proved of another question.
    const asked = await getStatement(chain, deployment, submissionId, results);
    if (asked.some((word, i) => word !== words[i])) return await abandon(bench, submission, 'QUESTION_MOVED');
    // What would revert is not paid for, again and again: a rotated hot key, for one, never gets this through.
    await chain.client.call({ ...call, account: chain.account, blockTag: 'pending' });
  } catch (cause) {
    const error = toChainError(cause, chain.rpcUrl);
    // The lease has ended meanwhile: the next look at it says so.
    if (error.code === 'CHAIN_WRONG_LEASE_STATE' || error.code === 'CHAIN_WINDOW_DONE') return submission;
    throw error;
  }
  await sendJournaled(chain, call, (transaction) =>
    store.submissions.advance(submissionId, { type: 'submitting', ...transaction, sender: transaction.sender.toLowerCase() as Hex }),
  );
  return (await store.submissions.get(submissionId)) as Submission;
}

/** Waits for the outcome of a journaled submission: it takes effect at most once. */
async function awaitSubmitted(bench: Bench, submission: Submission & { state: 'submitting' }): Promise<Submission> {
  const { role, parameters } = bench;
  const { chain, store } = role;
  const outcome = await awaitOutcome(chain, submission.transaction, parameters, (replacement) =>
    store.submissions.advance(submission.submissionId, { type: 'replaced', ...replacement }),
  );
  const { transactionHash, blockNumber, gas } = outcome;
  if (outcome.status === 'reverted') return store.submissions.advance(submission.submissionId, { type: 'reverted', transactionHash });
  parameters.emit({
    event: 'submitted',
    jobId: submission.jobId,
    windowIndex: submission.windowIndex,
    submissionId: submission.submissionId,
    gas,
    transactionHash,
  });
  const leased = await getLease(chain, role.deployment, submission.submissionId);
  const type = leased?.state === 'submitted' ? 'submitted' : 'settled';
  return store.submissions.advance(submission.submissionId, { type, transactionHash, blockNumber });
}
