import { encodeFunctionData, type Hex, isAddressEqual, numberToHex, toHex } from 'viem';
import { captureSeed, seedDelay } from '../chain/captureSeed.ts';
import { expireLease } from '../chain/expireLease.ts';
import { jobManagerAbi } from '../chain/generated/JobManager.ts';
import { getHotKeyOwner } from '../chain/getHotKeyOwner.ts';
import { getJob, type Job } from '../chain/getJob.ts';
import { getLease, type LeaseRecord } from '../chain/getLease.ts';
import { lease } from '../chain/lease.ts';
import { signAnnouncement } from '../chain/signAnnouncement.ts';
import { toChainError } from '../chain/toChainError.ts';
import { verifyingGas } from '../chain/verifyingGas.ts';
import { waitForBlock } from '../chain/waitForBlock.ts';
import { proofHash, statementHash } from '../commitment/ids.ts';
import { AssayError, exitCodes } from '../errors.ts';
import { type Announcement, decodeAnnouncement, encodeAnnouncement, maxStatementWords } from '../net/messages.ts';
import { decodeProofFile, encodeProofFile } from '../proof/proofFile.ts';
import { finalStates, type Submission } from '../store/submissionState.ts';
import { type AnswerTerms, answerAll } from './answerAll.ts';
import { type AnswerSettings, openAnswerWork } from './answerWork.ts';
import { type AttestationDesk, createAttestationDesk } from './attestationDesk.ts';
import { collect } from './collect.ts';
import { awaitOutcome, broadcast, sendJournaled } from './journaledTransaction.ts';
import { openRole, type Role } from './openRole.ts';
import { pause } from './pause.ts';
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
  /** How long to wait for a transaction to be mined before giving up for now. */
  readonly transactionTimeoutMs?: number;
};

export type RunWorkerReturnType = { readonly settled: number; readonly state: Job['state'] };

/** Jobs whose circuit and prover stay in memory at once; those longest unused are closed, and opened again when they are needed. */
const maxOpenWorks = 4;

/** What a worker works with. */
type Bench = {
  readonly role: Role;
  readonly work: Work;
  readonly desk: AttestationDesk;
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
  const role = await openRole(parameters, {
    async onAttestation(attestation) {
      desk.receive(attestation);
    },
  });
  const works = new Map<bigint, Work>();
  const counts = { settled: 0 };
  try {
    const operator = await getHotKeyOwner(role.chain, role.deployment, parameters.account.address);
    if (operator === undefined) {
      throw new AssayError('WORKER_NOT_REGISTERED', `${parameters.account.address} is nobody's hot key`, {
        exitCode: exitCodes.keysNeeded,
        hint: 'Register it with its operator: assay worker register.',
      });
    }
    const close = async (id: bigint): Promise<void> => {
      const work = works.get(id);
      works.delete(id);
      await work?.close();
    };
    const benchOf = async (id: bigint): Promise<Bench> => {
      let work = works.get(id);
      works.delete(id);
      if (work === undefined) {
        const { statementName } = await getJob(role.chain, role.deployment, id);
        const open = statementName === 'inference' ? openAnswerWork : openWindowWork;
        for (const oldest of [...works.keys()].slice(0, Math.max(0, works.size + 1 - maxOpenWorks))) await close(oldest);
        work = await open(role, parameters, id, operator);
      }
      works.set(id, work);
      return { role, work, desk, operator, parameters };
    };
    if (jobId !== undefined) {
      // What was leased under other settings is finished all the same; nothing new is leased then.
      const begun = (await role.store.submissions.unfinished()).some((one) => one.jobId === Number(jobId));
      if (!begun) requireTerms(await getJob(role.chain, role.deployment, jobId), parameters, role.deployment.addresses.token);
      const bench = await benchOf(jobId);
      const state = await workOn(bench, counts);
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
        carryOn: async (submission) => carryOn(await benchOf(BigInt(submission.jobId)), submission),
        leaseNext: async (job) => tryLease(await benchOf(job.jobId), job, false),
        close,
        collect: () => collect(role, operator, emit),
      },
    });
  } catch (error) {
    if (signal.aborted) return { settled: counts.settled, state: 'active' };
    throw error;
  } finally {
    for (const work of works.values()) await work.close();
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
  await finishOld(bench, counts);
  requireTerms(await work.state(), parameters, role.deployment.addresses.token);
  let lastOwn = { windowIndex: -1, at: 0 };
  for (;;) {
    signal.throwIfAborted();
    const state = await work.state();
    if (state.state === 'completed' || state.state === 'cancelled') {
      emit({ event: 'jobEnded', jobId: Number(work.jobId), state: state.state, finalized: state.finalized });
      await collect(role, operator, emit);
      return state.state;
    }
    // The window after an own one is the others' for a while; once somebody has done one, nobody waits.
    const othersFirst = state.finalized === lastOwn.windowIndex + 1 && Date.now() - lastOwn.at < parameters.turnMs;
    const taken = await tryLease(bench, state, othersFirst);
    if (taken === undefined) {
      await pause(300, signal);
      continue;
    }
    counts.settled += await carryOn(bench, taken);
    lastOwn = { windowIndex: taken.windowIndex, at: Date.now() };
  }
}

/** Goes on with what an earlier run left behind. */
async function finishOld(bench: Bench, counts: { settled: number }): Promise<void> {
  for (const submission of await bench.role.store.submissions.unfinished()) {
    if (submission.jobId === Number(bench.work.jobId)) counts.settled += await carryOn(bench, submission);
  }
}

/** Codes of a lease attempt that somebody else's move can cause: look again, nothing is wrong. */
const lostRaces = new Set([
  'CHAIN_LEASE_HELD',
  'CHAIN_PARENT_MOVED',
  'CHAIN_INPUT_MOVED',
  'CHAIN_WRONG_JOB_STATE',
  'CHAIN_REVERTED',
  'CHAIN_SEED_TOO_EARLY',
  'CHAIN_LEASE_OVER',
]);

/** Moves the job along where that is possible; returns the journaled lease once this worker holds one. */
async function tryLease({ role, work, operator, parameters }: Bench, state: Job, othersFirst: boolean): Promise<Submission | undefined> {
  const { chain, deployment, store } = role;
  try {
    if (state.state === 'open') {
      await waitForBlock(chain, state.openBlock + seedDelay + 1n);
      if ((await work.state()).state === 'open') {
        await captureSeed(chain, deployment, work.jobId);
        parameters.emit({ event: 'seedCaptured', jobId: Number(work.jobId) });
      }
      return undefined;
    }
    if (state.state !== 'active') return undefined;
    const current = state.leaseId === undefined ? undefined : await getLease(chain, deployment, state.leaseId);
    if (current?.state === 'held') {
      // Its own, taken just before this worker was killed: the bond is locked, only the journal does not know.
      const known = await store.submissions.get(current.submissionId.toLowerCase() as Hex);
      if (isAddressEqual(current.operator, operator)) {
        if (known === undefined) return await journalLease(role, current);
        // Whatever the block, its proof counts until the lease is over: nobody ends one that can still be proved.
        if (!finalStates.has(known.state)) return known;
      }
      if ((await blockNumber(chain)) > current.deadline) await expireLease(chain, deployment, work.jobId);
      return undefined;
    }
    if (othersFirst) return undefined;
    const start = await work.prepare(state);
    if (start === undefined) return undefined;
    const taken = await lease(chain, deployment, work.jobId, start);
    parameters.emit({
      event: 'leased',
      jobId: Number(work.jobId),
      windowIndex: Number(taken.windowIndex),
      submissionId: taken.submissionId,
    });
    return await journalLease(role, { ...taken, operator, jobId: work.jobId, contributionIndex: 0n });
  } catch (error) {
    if (error instanceof AssayError && lostRaces.has(error.code)) return undefined;
    throw error;
  }
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

/** Takes a submission from whatever state it is in to its end. @returns 1 where this run settled it */
async function carryOn(bench: Bench, from: Submission): Promise<number> {
  const { role, parameters } = bench;
  const { submissions } = role.store;
  let submission = from;
  for (;;) {
    parameters.signal.throwIfAborted();
    if (submission.state === 'settled') return 1;
    if (submission.state === 'abandoned') return 0;
    if (submission.state !== 'submitting') {
      const leased = await getLease(role.chain, role.deployment, submission.submissionId);
      if (leased === undefined || leased.ended !== undefined) {
        const reason = leased === undefined ? 'LEASE_UNKNOWN' : `LEASE_${leased.state.toUpperCase()}`;
        await submissions.advance(submission.submissionId, { type: 'abandoned', reason });
        parameters.emit({ event: 'abandoned', submissionId: submission.submissionId, reason });
        return 0;
      }
      submission = await advance(bench, submission, leased);
    } else {
      submission = await settle(bench, submission);
    }
  }
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
  const data = encodeFunctionData({
    abi: jobManagerAbi,
    functionName: 'submit',
    args: [BigInt(submission.jobId), BigInt(submission.windowIndex), work.results(statement.map(BigInt)), toHex(proof), toHex(opening)],
  });
  const call = { to: deployment.addresses.jobManager, data, gas: verifyingGas(proof.length + opening.length, statement.length) };
  try {
    // What would revert is not paid for, again and again: a rotated hot key, for one, never gets this through.
    await chain.client.call({ ...call, account: chain.account, blockTag: 'pending' });
  } catch (cause) {
    const error = toChainError(cause, chain.rpcUrl);
    // The lease has ended meanwhile: the next look at it says so.
    if (error.code === 'CHAIN_LEASE_OVER' || error.code === 'CHAIN_WRONG_WINDOW') return submission;
    throw error;
  }
  await sendJournaled(chain, call, (transaction) =>
    store.submissions.advance(submissionId, { type: 'submitting', ...transaction, sender: transaction.sender.toLowerCase() as Hex }),
  );
  return (await store.submissions.get(submissionId)) as Submission;
}

/** Waits for the outcome of a journaled submission, broadcasting it again first: it takes effect at most once. */
async function settle(bench: Bench, submission: Submission & { state: 'submitting' }): Promise<Submission> {
  const { role, parameters } = bench;
  const { chain, store } = role;
  const { attempts } = submission.transaction;
  for (const { raw } of attempts) await broadcast(chain, raw);
  const outcome = await awaitOutcome(
    chain,
    attempts.map((attempt) => attempt.transactionHash),
    parameters.transactionTimeoutMs ?? 120_000,
    parameters.signal,
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
  return store.submissions.advance(submission.submissionId, { type: 'settled', transactionHash, blockNumber });
}

async function blockNumber(chain: Role['chain']): Promise<bigint> {
  try {
    return await chain.client.getBlockNumber({ cacheTime: 0 });
  } catch (error) {
    throw toChainError(error, chain.rpcUrl);
  }
}
