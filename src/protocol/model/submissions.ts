import { type Address, encodePacked, type Hex, hexToBytes, keccak256 } from 'viem';
import { R } from '../../commitment/field.ts';
import { contextOf, proofHash as proofHashOf, tag } from '../../commitment/ids.ts';
import { closeDemand } from './demands.ts';
import { circuitOf, complete, inputOf, jobOf, payUnit, refundRest } from './jobs.ts';
import { headOf, isVoid, leaseOf, progressOf, returnBond, slotOf } from './leases.ts';
import { actsFor } from './nodes.ts';
import { refuse } from './refuse.ts';
import { lock, slash, unlock } from './stakes.ts';
import { type Environment, type Job, type Lease, type State, type Submission, zeroAddress, zeroHash } from './state.ts';

/** What the verifier is told about the weights: only a window commits new ones. */
export function toldOpen(state: State, job: Job): boolean {
  return job.terms.open && circuitOf(state, job).statement === 'train-window';
}

/** Hash of a statement of the job, of however many words. */
export function hashOf(state: State, job: Job, statement: readonly bigint[]): Hex {
  return keccak256(encodePacked(['bytes32', 'uint256[]'], [tag(`assay.statement.${circuitOf(state, job).statement}.v1`), statement]));
}

/** Word 0 of every statement under this lease. */
export function contextFor(state: State, lease: Lease): bigint {
  const job = jobOf(state, lease.jobId);
  const { chainId, jobManager } = state.world;
  const { jobId, windowIndex, contributionIndex, leaseNonce, registrationNonce, operator } = lease;
  const { circuitId } = job.terms;
  return contextOf(circuitOf(state, job).statement, {
    chainId,
    jobManager,
    jobId,
    windowIndex,
    contributionIndex,
    leaseNonce,
    registrationNonce,
    operator,
    circuitId,
  });
}

/** The statement that a submission under this lease makes with these results. */
export function statementFor(state: State, lease: Lease, results: readonly bigint[]): bigint[] {
  const job = jobOf(state, lease.jobId);
  const { terms } = job;
  const circuit = circuitOf(state, job);
  const training = circuit.statement === 'train-window';
  if (BigInt(results.length) !== (training ? 3n : 1n + circuit.outputs)) refuse('ResultCount');
  if (results.some((word) => word >= R)) refuse('OutOfField');
  const { jobId, windowIndex, contributionIndex } = lease;
  const context = contextFor(state, lease);
  const [first = 0n, second = 0n, third = 0n] = results;
  if (!training) return [context, terms.genesisId, first, inputOf(state, jobId, windowIndex), ...results.slice(1)];
  const firstStep = (windowIndex * terms.contributions + contributionIndex) * circuit.steps;
  return [context, headOf(state, jobId), first, second, job.datasetRoot, job.batchSeed, firstStep, third];
}

export function submissionOf(state: State, submissionId: Hex): Submission {
  return state.submissions[submissionId] ?? refuse('UnknownSubmission');
}

/** What both ways of submitting need; the statement that is made. */
function begin(state: State, env: Environment, sender: Address, submissionId: Hex, results: readonly bigint[]): bigint[] {
  const lease = leaseOf(state, submissionId);
  const job = jobOf(state, lease.jobId);
  if (lease.state !== 'Held' && lease.state !== 'Lapsed') refuse('WrongLeaseState');
  if (isVoid(state, lease)) refuse('WindowDone');
  if (lease.state === 'Lapsed' && job.state === 'Cancelled') refuse('WrongJobState');
  if (!actsFor(state, lease.operator, sender)) refuse('NotLeaseHolder');
  if (lease.state === 'Held' && !lease.raced && env.block <= lease.deadline) progressOf(state, lease.jobId).lapseStreak = 0n;
  return statementFor(state, lease, results);
}

/** The slot is done: nobody's lease of it is pending any more. */
function endSlot(state: State, lease: Lease): void {
  const slot = slotOf(state, lease.jobId, lease.contributionIndex);
  if (slot.held > 0n) progressOf(state, lease.jobId).pendingSlots -= 1n;
  slot.done = true;
  if (lease.state === 'Held') slot.held -= 1n;
}

/** Window `submitted` is taken: the next one can be worked on. */
export function nextWindow(state: State, env: Environment, jobId: bigint): void {
  const progress = progressOf(state, jobId);
  progress.submitted += 1n;
  progress.contributed = 0n;
  progress.availableAt = env.block;
}

function record(state: State, env: Environment, submissionId: Hex, statement: readonly bigint[], proofHash: Hex, proved: boolean): void {
  const job = jobOf(state, leaseOf(state, submissionId).jobId);
  const { statement: name } = circuitOf(state, job);
  state.submissions[submissionId] = {
    statementHash: hashOf(state, job, statement),
    proofHash,
    resultId: name === 'inference' ? 0n : (statement[2] ?? 0n),
    submittedAt: env.block,
    outputs: name === 'inference' ? statement.slice(4) : [],
    proved,
    withheld: false,
  };
}

function submitOptimistic(state: State, env: Environment, lease: Lease, submissionId: Hex): void {
  const { terms } = jobOf(state, lease.jobId);
  endSlot(state, lease);
  if (lease.state === 'Lapsed') lock(state, lease.operator, terms.bond);
  else unlock(state, lease.operator, lease.locked - terms.bond);
  lease.locked = terms.bond;
  lease.state = 'Submitted';
  state.holders[`${lease.jobId}/${lease.windowIndex}`] = submissionId;
  nextWindow(state, env, lease.jobId);
}

export function submit(
  state: State,
  env: Environment,
  sender: Address,
  given: { submissionId: Hex; results: readonly bigint[]; statementHash: Hex; proofHash: Hex },
): void {
  const { submissionId, results, statementHash, proofHash } = given;
  const lease = leaseOf(state, submissionId);
  const job = jobOf(state, lease.jobId);
  if (job.terms.mode !== 1n) refuse('WrongMode');
  const statement = begin(state, env, sender, submissionId, results);
  if (hashOf(state, job, statement) !== statementHash) refuse('StatementMismatch');
  record(state, env, submissionId, statement, proofHash, false);
  submitOptimistic(state, env, lease, submissionId);
  refundRest(state, lease.jobId);
}

export function submitAndSettle(
  state: State,
  env: Environment,
  sender: Address,
  submissionId: Hex,
  results: readonly bigint[],
  proof: Hex,
  opening: Hex,
): void {
  const statement = begin(state, env, sender, submissionId, results);
  const lease = leaseOf(state, submissionId);
  const job = jobOf(state, lease.jobId);
  if (!env.verify(job.terms.circuitId, toldOpen(state, job), statement, proof, opening)) refuse('ProofRejected');
  record(state, env, submissionId, statement, proofHashOf(hexToBytes(proof), hexToBytes(opening)), true);
  if (job.terms.mode === 1n) {
    submitOptimistic(state, env, lease, submissionId);
    const progress = progressOf(state, lease.jobId);
    if (lease.windowIndex === progress.finalized) finalizeNext(state, env, lease.jobId);
  } else {
    finishEager(state, env, lease, submissionId);
  }
  refundRest(state, lease.jobId);
}

function finishEager(state: State, env: Environment, lease: Lease, submissionId: Hex): void {
  const job = jobOf(state, lease.jobId);
  const progress = progressOf(state, lease.jobId);
  const slot = slotOf(state, lease.jobId, lease.contributionIndex);
  endSlot(state, lease);
  slot.resultId = submissionOf(state, submissionId).resultId;
  progress.contributed += 1n;
  if (lease.contributionIndex === 0n) state.holders[`${lease.jobId}/${lease.windowIndex}`] = submissionId;
  if (job.terms.contributions === 1n) {
    nextWindow(state, env, lease.jobId);
    windowFinal(state, lease.jobId, slot.resultId);
  } else {
    state.final[`${job.terms.circuitId}/${slot.resultId}`] = true;
  }
  unitFinal(state, env, lease);
}

/** Window `finalized` ends in this checkpoint. */
export function windowFinal(state: State, jobId: bigint, resultId: bigint): void {
  const job = jobOf(state, jobId);
  const progress = progressOf(state, jobId);
  progress.finalized += 1n;
  if (circuitOf(state, job).statement === 'train-window') {
    progress.finalId = resultId;
    state.final[`${job.terms.circuitId}/${resultId}`] = true;
  }
  if (progress.finalized === job.terms.windows) complete(state, jobId);
}

function unitFinal(state: State, env: Environment, lease: Lease): void {
  lease.state = 'Finalized';
  lease.ended = env.block;
  returnBond(state, lease);
  payUnit(state, env, lease.jobId, lease.operator);
}

function finalizeNext(state: State, env: Environment, jobId: bigint): void {
  const { finalized } = progressOf(state, jobId);
  const submissionId = state.holders[`${jobId}/${finalized}`] ?? zeroHash;
  windowFinal(state, jobId, submissionOf(state, submissionId).resultId);
  unitFinal(state, env, leaseOf(state, submissionId));
}

/** Why window `finalized` cannot be final yet; undefined where it can. */
function notFinal(state: State, env: Environment, jobId: bigint): string | undefined {
  const { terms } = jobOf(state, jobId);
  const progress = progressOf(state, jobId);
  // An eager window is final when it is done.
  if (progress.finalized === progress.submitted) return 'NothingToFinalize';
  const submissionId = state.holders[`${jobId}/${progress.finalized}`] ?? zeroHash;
  const submission = submissionOf(state, submissionId);
  if (submission.proved) return undefined;
  if (env.block <= submission.submittedAt + terms.finalityBlocks) return 'NotFinalYet';
  return state.demands[submissionId]?.open === true ? 'ProofDemanded' : undefined;
}

export function finalize(state: State, env: Environment, jobId: bigint, count: bigint): void {
  jobOf(state, jobId);
  const first = notFinal(state, env, jobId);
  if (first !== undefined) refuse(first);
  for (let done = 0n; done < count && notFinal(state, env, jobId) === undefined; done++) finalizeNext(state, env, jobId);
  refundRest(state, jobId);
}

export function settle(
  state: State,
  env: Environment,
  sender: Address,
  given: { submissionId: Hex; statement: readonly bigint[]; proof: Hex; opening: Hex },
  committed: boolean,
): void {
  const { submissionId, statement, proof, opening } = given;
  const lease = leaseOf(state, submissionId);
  const job = jobOf(state, lease.jobId);
  if (lease.state !== 'Submitted') refuse('WrongLeaseState');
  const submission = submissionOf(state, submissionId);
  if (submission.proved) refuse('WrongLeaseState');
  if (hashOf(state, job, statement) !== submission.statementHash) refuse('StatementMismatch');
  if (proofHashOf(hexToBytes(proof), hexToBytes(opening)) !== submission.proofHash) refuse('ProofMismatch');
  if (!env.verify(job.terms.circuitId, toldOpen(state, job), statement, proof, opening)) {
    reject(state, env, submissionId, committed ? sender : zeroAddress, false);
    return;
  }
  submission.proved = true;
  closeDemand(state, submissionId, sender);
  if (lease.windowIndex === progressOf(state, lease.jobId).finalized) finalizeNext(state, env, lease.jobId);
  refundRest(state, lease.jobId);
}

/** The operator is slashed for its submission, once. @returns whether it had not been before */
export function markSlashed(state: State, operator: Address, submissionId: Hex): boolean {
  const key = `${operator}/${submissionId}`;
  if (state.slashed[key] === true) return false;
  state.slashed[key] = true;
  return true;
}

/** Rejects a submission and orphans everything above it. @returns what was slashed */
export function reject(state: State, env: Environment, submissionId: Hex, finder: Address, withheld: boolean): bigint {
  const lease = leaseOf(state, submissionId);
  const job = jobOf(state, lease.jobId);
  const progress = progressOf(state, lease.jobId);
  const harmed: Address[] = [job.requester];
  for (let above = lease.windowIndex + 1n; above < progress.submitted; above++) {
    const key = `${lease.jobId}/${above}`;
    const orphanId = state.holders[key] ?? zeroHash;
    const orphan = leaseOf(state, orphanId);
    harmed.push(orphan.operator);
    orphan.state = 'Orphaned';
    orphan.ended = env.block;
    returnBond(state, orphan);
    closeDemand(state, orphanId, zeroAddress);
    delete state.holders[key];
  }
  delete state.holders[`${lease.jobId}/${lease.windowIndex}`];
  submissionOf(state, submissionId).withheld = withheld;
  lease.state = 'Rejected';
  lease.ended = env.block;
  returnBond(state, lease);
  closeDemand(state, submissionId, zeroAddress);
  progress.submitted = lease.windowIndex;
  progress.epoch += 1n;
  progress.availableAt = env.block;
  progress.pendingSlots = 0n;
  const first = markSlashed(state, lease.operator, submissionId);
  const slashed = first ? slash(state, env, lease.operator, job.terms.bond, finder, harmed) : 0n;
  refundRest(state, lease.jobId);
  return slashed;
}
