import { encodeFunctionData, type Hex, isAddressEqual, keccak256, numberToHex, toHex } from 'viem';
import { captureSeed, seedDelay } from '../chain/captureSeed.ts';
import { expireLease } from '../chain/expireLease.ts';
import { jobManagerAbi } from '../chain/generated/JobManager.ts';
import { windowVerifierDeployedBytecode } from '../chain/generated/WindowVerifier.ts';
import { getHotKeyOwner } from '../chain/getHotKeyOwner.ts';
import type { Job } from '../chain/getJob.ts';
import { getLease, type LeaseRecord } from '../chain/getLease.ts';
import { lease } from '../chain/lease.ts';
import { signAnnouncement } from '../chain/signAnnouncement.ts';
import { toChainError } from '../chain/toChainError.ts';
import { verifyingGas } from '../chain/verifyingGas.ts';
import { waitForBlock } from '../chain/waitForBlock.ts';
import { contextOf, modelId, proofHash, statementHash } from '../commitment/ids.ts';
import { AssayError, exitCodes } from '../errors.ts';
import { encodeCheckpoint } from '../model/checkpoint.ts';
import { type Announcement, decodeAnnouncement, encodeAnnouncement } from '../net/messages.ts';
import { decodeProofFile, encodeProofFile } from '../proof/proofFile.ts';
import { proveWindow } from '../proof/proveWindow.ts';
import { createUltraHonk, type UltraHonk } from '../proof/ultrahonk.ts';
import { verifyProof } from '../proof/verifyProof.ts';
import type { Submission } from '../store/submissionState.ts';
import { type AttestationDesk, createAttestationDesk } from './attestationDesk.ts';
import { collect } from './collect.ts';
import { commitWeights } from './jobMaterial.ts';
import { awaitOutcome, broadcast, sendJournaled } from './journaledTransaction.ts';
import { openRole, type Role, type RoleSettings } from './openRole.ts';
import { pause } from './pause.ts';
import { openWindowJob, type WindowJob } from './windowJob.ts';

export type RunWorkerParameters = RoleSettings & {
  readonly jobId: bigint;
  /** How long to wait for a validator's word before submitting without it. */
  readonly attestationTimeoutMs: number;
  /** How long to leave the next window to others after an own one, so that workers take turns. */
  readonly turnMs: number;
  /** How long to wait for a transaction to be mined before giving up for now. */
  readonly transactionTimeoutMs?: number;
};

export type RunWorkerReturnType = { readonly settled: number; readonly state: Job['state'] };

/** What a worker works with. */
type Bench = {
  readonly role: Role;
  readonly job: WindowJob;
  readonly honk: UltraHonk;
  readonly desk: AttestationDesk;
  readonly operator: Hex;
  readonly parameters: RunWorkerParameters;
};

/**
 * Works on one job until it ends: leases windows in turn with others, trains, proves, announces, submits. Every step that can cost money is
 * journaled first, so a worker that is killed and started again submits each window exactly once.
 *
 * @returns windows settled by this run, and the job's last state
 * @throws WORKER_NOT_REGISTERED (exit code 4) where the key serves no operator; those of openRole and openWindowJob
 */
export async function runWorker(parameters: RunWorkerParameters): Promise<RunWorkerReturnType> {
  const { jobId, signal, emit } = parameters;
  const desk = createAttestationDesk();
  const received = new Map<string, number>();
  const role = await openRole(parameters, {
    async onAttestation(attestation) {
      received.set(attestation.submissionId, Date.now());
      desk.receive(attestation);
    },
  });
  let job: WindowJob | undefined;
  let honk: UltraHonk | undefined;
  let settled = 0;
  try {
    const operator = await getHotKeyOwner(role.chain, role.deployment, parameters.account.address);
    if (operator === undefined) {
      throw new AssayError('WORKER_NOT_REGISTERED', `${parameters.account.address} is nobody's hot key`, {
        exitCode: exitCodes.keysNeeded,
        hint: 'Register it with its operator: assay worker register.',
      });
    }
    job = await openWindowJob(role, parameters, jobId);
    honk = await createUltraHonk({ srs: job.artifacts.srs, ...(parameters.threads === undefined ? {} : { threads: parameters.threads }) });
    const bench: Bench = { role, job, honk, desk, operator, parameters };
    for (const submission of await role.store.submissions.unfinished()) {
      if (submission.jobId === Number(jobId)) settled += await carryOn(bench, submission);
    }
    let lastOwn = { windowIndex: -1, at: 0 };
    for (;;) {
      signal.throwIfAborted();
      const state = await job.state();
      if (state.state === 'completed' || state.state === 'cancelled') {
        emit({ event: 'jobEnded', jobId: Number(jobId), state: state.state, finalized: state.finalized });
        await collect(role, operator, emit);
        return { settled, state: state.state };
      }
      // The window after an own one is the others' for a while; once somebody has done one, nobody waits.
      const othersFirst = state.finalized === lastOwn.windowIndex + 1 && Date.now() - lastOwn.at < parameters.turnMs;
      const taken = await tryLease(bench, state, othersFirst);
      if (taken === undefined) {
        await pause(300, signal);
        continue;
      }
      settled += await carryOn(bench, taken);
      lastOwn = { windowIndex: taken.windowIndex, at: Date.now() };
    }
  } catch (error) {
    if (signal.aborted) return { settled, state: 'active' };
    throw error;
  } finally {
    await honk?.close();
    await job?.close();
    await role.close();
  }
}

/** Codes of a lease attempt that somebody else's move can cause: look again, nothing is wrong. */
const lostRaces = new Set([
  'CHAIN_LEASE_HELD',
  'CHAIN_PARENT_MOVED',
  'CHAIN_WRONG_JOB_STATE',
  'CHAIN_REVERTED',
  'CHAIN_SEED_TOO_EARLY',
  'CHAIN_LEASE_OVER',
]);

/** Moves the job along where that is possible; returns the journaled lease once this worker holds one. */
async function tryLease({ role, job, operator, parameters }: Bench, state: Job, othersFirst: boolean): Promise<Submission | undefined> {
  const { chain, deployment, store } = role;
  try {
    if (state.state === 'open') {
      await waitForBlock(chain, state.openBlock + seedDelay + 1n);
      if ((await job.state()).state === 'open') {
        await captureSeed(chain, deployment, job.jobId);
        parameters.emit({ event: 'seedCaptured', jobId: Number(job.jobId) });
      }
      return undefined;
    }
    if (state.state !== 'active') return undefined;
    const current = state.leaseId === undefined ? undefined : await getLease(chain, deployment, state.leaseId);
    if (current?.state === 'held') {
      // Its own, taken just before this worker was killed: the bond is locked, only the journal does not know.
      const known = await store.submissions.get(current.submissionId.toLowerCase() as Hex);
      if (known === undefined && isAddressEqual(current.operator, operator)) return await journalLease(role, current);
      if ((await blockNumber(chain)) > current.deadline) await expireLease(chain, deployment, job.jobId);
      return undefined;
    }
    if (othersFirst) return undefined;
    // Recommit the parent before the bond is locked: its id must be the head's, and every weight within wmax.
    await job.checkpoint(state.headId);
    const taken = await lease(chain, deployment, job.jobId, state.headId);
    parameters.emit({
      event: 'leased',
      jobId: Number(job.jobId),
      windowIndex: Number(taken.windowIndex),
      submissionId: taken.submissionId,
    });
    return await journalLease(role, { ...taken, operator, jobId: job.jobId, contributionIndex: 0n });
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
  const { role, job, honk, parameters, desk } = bench;
  const { chain, deployment, store, net } = role;
  const { submissionId } = submission;
  switch (submission.state) {
    case 'leased': {
      const { child } = await trainAgain(bench, submission);
      const checkpointCid = await store.blobs.put(
        encodeCheckpoint({ modelId: modelId(job.artifacts.shape), sizes: job.artifacts.instance.sizes, weights: child.weights }),
      );
      return store.submissions.advance(submissionId, { type: 'trained', checkpointCid });
    }
    case 'trained': {
      const { parent, child, window, batchSeed, firstStep } = await trainAgain(bench, submission);
      const binding = { chainId: BigInt(chain.chainId), statementVerifier: deployment.addresses.windowVerifier, circuitId: job.circuitId };
      const context = contextOf('train-window', { ...leased, ...binding, jobManager: deployment.addresses.jobManager });
      const proof = await proveWindow({
        ...binding,
        artifacts: job.artifacts,
        p2: job.p2,
        kzg: job.kzg,
        honk,
        statement: {
          context,
          parentId: parent.id,
          childId: child.id,
          datasetRoot: job.tree.root,
          batchSeed,
          firstStep,
          lossSum: window.lossSum,
        },
        parent: parent.weights,
        child: child.weights,
        parentPoints: parent.points,
        childPoints: child.points,
        steps: window.steps,
      });
      const proofVerifierCode = job.artifacts.honkVerifier.runtime;
      // The announcement can be slashed: nothing is announced that the deployed code does not accept.
      const verdict = await verifyProof({
        ...proof,
        ...binding,
        statementVerifierCode: windowVerifierDeployedBytecode,
        proofVerifierCode,
        shapeBytes: job.artifacts.shapeBytes,
        open: true,
      });
      if (!verdict.valid)
        throw new AssayError('PROOF_INVALID', 'the proof that was just made does not verify', { hint: 'This is a bug: please report it.' });
      const file = encodeProofFile({
        ...proof,
        ...binding,
        open: true,
        shapeBytes: job.artifacts.shapeBytes,
        statementVerifierCodeHash: keccak256(windowVerifierDeployedBytecode),
        proofVerifierCodeHash: keccak256(proofVerifierCode),
        contextPreimage: '0x',
      });
      const proofCid = await store.blobs.put(file);
      parameters.emit({
        event: 'proved',
        jobId: submission.jobId,
        windowIndex: submission.windowIndex,
        submissionId,
        lossSum: window.lossSum,
        gates: job.artifacts.gates,
        witnessSeconds: proof.seconds.witness,
        proofSeconds: proof.seconds.proof,
        openingSeconds: proof.seconds.opening,
      });
      return store.submissions.advance(submissionId, {
        type: 'proved',
        statement: proof.statement.map((word) => numberToHex(word, { size: 32 })),
        proofHash: proofHash(proof.proof, proof.opening),
        proofCid,
      });
    }
    case 'proved': {
      const message = {
        submissionId,
        statementHash: statementHash('train-window', submission.statement.map(BigInt)),
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
  const { role } = bench;
  const { chain, deployment, store } = role;
  const { submissionId, statement } = submission;
  const bytes = await store.blobs.get(submission.proofCid);
  if (bytes === undefined) throw new AssayError('STORE_BLOB_MISSING', `the proof of ${submissionId} is not in this store`);
  const { proof, opening } = decodeProofFile(bytes);
  const [, , childId, maskId, , , , lossSum] = statement.map(BigInt) as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];
  const data = encodeFunctionData({
    abi: jobManagerAbi,
    functionName: 'submit',
    args: [BigInt(submission.jobId), BigInt(submission.windowIndex), [childId, maskId, lossSum], toHex(proof), toHex(opening)],
  });
  const call = { to: deployment.addresses.jobManager, data, gas: verifyingGas(proof.length + opening.length) };
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

/** The window's training, from its parent: milliseconds, and the same integers each time. */
async function trainAgain({ job, operator }: Bench, submission: Submission) {
  const state = await job.state();
  if (!isAddressEqual(operator, submission.operator)) throw new AssayError('WORKER_STATE', 'a journaled lease belongs to another operator');
  const parent = await job.checkpoint(state.headId);
  const window = job.train(submission.windowIndex, parent, state.batchSeed);
  const child = await commitWeights(job.kzg, job.artifacts, window.child);
  job.remember(child);
  return { parent, child, window, batchSeed: state.batchSeed, firstStep: submission.windowIndex * job.artifacts.instance.steps };
}
