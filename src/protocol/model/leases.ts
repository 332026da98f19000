import type { Address, Hex } from 'viem';
import { submissionId as submissionIdOf } from '../../commitment/ids.ts';
import { inputOf, isInference, jobOf, refundRest } from './jobs.ts';
import { actsFor, operatorFor } from './nodes.ts';
import { refuse } from './refuse.ts';
import { factorOf } from './reputation.ts';
import { isJailed, lock, penalise, unlock } from './stakes.ts';
import { type Environment, type Lease, type Progress, type Slot, type State, zeroAddress, zeroHash } from './state.ts';

const maxUnfinalized = 8n;
const freeReleases = 3n;

export function progressOf(state: State, jobId: bigint): Progress {
  return state.progress[jobId.toString()] ?? refuse('UnknownJob');
}

export function leaseOf(state: State, submissionId: Hex): Lease {
  return state.leases[submissionId] ?? refuse('UnknownSubmission');
}

/** The slot of the window that is worked on: what names another window or epoch is a fresh one. */
export function slotOf(state: State, jobId: bigint, contribution: bigint): Slot {
  const { submitted, epoch } = progressOf(state, jobId);
  const key = `${jobId}/${contribution}`;
  const stored = state.slots[key];
  if (stored !== undefined && stored.windowIndex === submitted && stored.epoch === epoch) return stored;
  const fresh: Slot = {
    holder: zeroHash,
    windowIndex: submitted,
    epoch,
    held: 0n,
    lapsedAt: 0n,
    releases: 0n,
    raced: false,
    done: false,
    resultId: 0n,
  };
  state.slots[key] = fresh;
  return fresh;
}

/** What window `submitted` of a training job starts from. */
export function headOf(state: State, jobId: bigint): bigint {
  const { terms } = jobOf(state, jobId);
  const progress = progressOf(state, jobId);
  if (isInference(state, { terms })) return terms.genesisId;
  if (progress.submitted === progress.finalized) return progress.finalId;
  const below = state.holders[`${jobId}/${progress.submitted - 1n}`] ?? zeroHash;
  return state.submissions[below]?.resultId ?? 0n;
}

/** Whether the lease's window has been taken or undone. */
export function isVoid(state: State, lease: Lease): boolean {
  const { epoch, submitted } = progressOf(state, lease.jobId);
  if (lease.epoch !== epoch || lease.windowIndex !== submitted) return true;
  return slotOf(state, lease.jobId, lease.contributionIndex).done;
}

/** One lease less is Held in the slot, if that is still about the lease's window. */
function leaveSlot(state: State, lease: Lease): void {
  const progress = progressOf(state, lease.jobId);
  if (lease.epoch !== progress.epoch || lease.windowIndex !== progress.submitted) return;
  const slot = slotOf(state, lease.jobId, lease.contributionIndex);
  slot.held -= 1n;
  if (slot.held === 0n && !slot.done) progress.pendingSlots -= 1n;
}

/** The operator's lock returns. */
export function returnBond(state: State, lease: Lease): void {
  unlock(state, lease.operator, lease.locked);
  lease.locked = 0n;
}

/** Burns the penalty of an exclusive lease that ran out, and lets everybody race for its slot. */
function lapse(state: State, env: Environment, lease: Lease): void {
  leaveSlot(state, lease);
  const slot = slotOf(state, lease.jobId, lease.contributionIndex);
  slot.raced = true;
  slot.lapsedAt = env.block;
  progressOf(state, lease.jobId).lapseStreak += 1n;
  lease.state = 'Lapsed';
  returnBond(state, lease);
  penalise(state, env, lease.operator, lease.penalty);
}

export function takeLease(state: State, env: Environment, sender: Address, jobId: bigint, contribution: bigint, expectedId: bigint): void {
  const job = jobOf(state, jobId);
  const { terms } = job;
  if (job.state !== 'Active') refuse('WrongJobState');
  const operator = operatorFor(state, sender);
  if (terms.worker !== zeroAddress && terms.worker !== operator) refuse('NotTheWorker');
  if (isJailed(state, operator)) refuse('Jailed');
  const progress = progressOf(state, jobId);
  if (progress.submitted >= terms.windows) refuse('WindowDone');
  if (progress.submitted - progress.finalized >= maxUnfinalized) refuse('TooManyUnfinalized');
  if (contribution >= terms.contributions) refuse('NoSuchContribution');
  const slot = slotOf(state, jobId, contribution);
  if (slot.done) refuse('WindowDone');
  const startId = isInference(state, job) ? inputOf(state, jobId, progress.submitted) : headOf(state, jobId);
  if (startId !== expectedId) refuse('StartMoved');
  const holder = state.leases[slot.holder];
  if (!slot.raced && holder?.state === 'Held') {
    if (env.block <= holder.deadline) refuse('LeaseHeld');
    lapse(state, env, holder);
  }
  const factor = factorOf(state, env, operator);
  const availableAt = progress.availableAt === 0n ? job.activeBlock : progress.availableAt;
  if (!slot.raced && env.block < availableAt + (terms.priorityBlocks * (15_000n - factor)) / 5_000n) refuse('PriorityWait');

  const locked = (terms.bond * 15_000n + factor - 1n) / factor;
  lock(state, operator, locked);
  progress.leaseNonce += 1n;
  const { chainId, jobManager } = state.world;
  const submissionId = submissionIdOf({
    chainId,
    jobManager,
    jobId,
    windowIndex: progress.submitted,
    contributionIndex: contribution,
    leaseNonce: progress.leaseNonce,
  });
  const streak = progress.lapseStreak < 32n ? progress.lapseStreak : 32n;
  const grown = terms.lapsePenalty << streak;
  state.leases[submissionId] = {
    operator,
    state: 'Held',
    raced: slot.raced,
    epoch: progress.epoch,
    windowIndex: progress.submitted,
    contributionIndex: contribution,
    jobId,
    leaseNonce: progress.leaseNonce,
    registrationNonce: state.nodes[operator]?.registrationNonce ?? 0n,
    start: env.block,
    deadline: env.block + terms.leaseBlocks,
    ended: 0n,
    locked,
    penalty: slot.raced ? 0n : grown < terms.bond ? grown : terms.bond,
  };
  if (!slot.raced) slot.holder = submissionId;
  if (slot.held === 0n) progress.pendingSlots += 1n;
  slot.held += 1n;
}

/** Ends a Held lease whose slot goes on without it, or has been void before. */
function endRelease(state: State, env: Environment, lease: Lease): void {
  const gone = isVoid(state, lease);
  leaveSlot(state, lease);
  lease.state = lease.epoch === progressOf(state, lease.jobId).epoch ? 'Released' : 'Orphaned';
  lease.ended = env.block;
  returnBond(state, lease);
  if (!gone) refundRest(state, lease.jobId);
}

export function release(state: State, env: Environment, sender: Address, submissionId: Hex): void {
  const lease = leaseOf(state, submissionId);
  if (lease.state !== 'Held') refuse('WrongLeaseState');
  const free = lease.raced || isVoid(state, lease);
  if (!actsFor(state, lease.operator, sender)) {
    if (!free) refuse('NotLeaseHolder');
    if (env.block <= lease.deadline) refuse('NotLeaseHolder');
  } else if (!free) {
    if (env.block > lease.start + jobOf(state, lease.jobId).terms.freeReleaseBlocks) refuse('ReleaseTooLate');
    const slot = slotOf(state, lease.jobId, lease.contributionIndex);
    slot.releases += 1n;
    if (slot.releases === freeReleases) slot.raced = true;
  }
  endRelease(state, env, lease);
}

export function expire(state: State, env: Environment, submissionId: Hex): void {
  const lease = leaseOf(state, submissionId);
  if (lease.state !== 'Held') refuse('WrongLeaseState');
  if (env.block <= lease.deadline) refuse('LeaseNotExpired');
  if (lease.raced || isVoid(state, lease)) {
    endRelease(state, env, lease);
    return;
  }
  lapse(state, env, lease);
  refundRest(state, lease.jobId);
}

/** Takes a lease that is Held or Lapsed from an operator that was slashed for it. */
export function revoke(state: State, env: Environment, lease: Lease): void {
  const held = lease.state === 'Held';
  const gone = isVoid(state, lease);
  if (held) leaveSlot(state, lease);
  lease.state = 'Revoked';
  lease.ended = env.block;
  returnBond(state, lease);
  if (held && !gone) refundRest(state, lease.jobId);
}
