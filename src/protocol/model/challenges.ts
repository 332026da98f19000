import { type Address, type Hex, hexToBytes } from 'viem';
import { evidenceCommitment, proofHash } from '../../commitment/ids.ts';
import type { ActionOf, Announcement } from './action.ts';
import { circuitOf, jobOf } from './jobs.ts';
import { leaseOf, returnBond, revoke } from './leases.ts';
import { refuse } from './refuse.ts';
import { collect, slash } from './stakes.ts';
import type { Environment, Lease, State } from './state.ts';
import { contextFor, hashOf, markSlashed, reject, toldOpen } from './submissions.ts';

export function commitEvidence(state: State, env: Environment, commitment: Hex): void {
  state.committed[commitment] ??= env.block;
}

/** Whether the finder committed this evidence in an earlier block. */
export function isCommitted(state: State, env: Environment, announced: Omit<Announcement, 'signer'>, finder: Address, salt: Hex): boolean {
  const { submissionId, statementHash, proofHash } = announced;
  const block = state.committed[evidenceCommitment({ submissionId, statementHash, proofHash, finder, salt })];
  return block !== undefined && block < env.block;
}

/** What any evidence needs first. */
function requireEvidence(state: State, env: Environment, announced: Announcement, finder: Address, salt: Hex): void {
  const lease = leaseOf(state, announced.submissionId);
  if (!isCommitted(state, env, announced, finder, salt)) refuse('NotCommitted');
  if (lease.state === 'Submitted') return;
  let over = lease.deadline;
  if (lease.ended > over) over = lease.ended;
  if (env.block > over + jobOf(state, lease.jobId).terms.evidenceBlocks) refuse('EvidenceWindowOver');
}

/** The words must be of this very lease: its name may have been another's before the chain was reorganised. */
function requireContext(state: State, lease: Lease, statement: readonly bigint[]): void {
  if (statement[0] !== contextFor(state, lease)) refuse('ContextMismatch');
}

/** The operator that signed, by a hot key that it has or had. */
function signerOf(state: State, announced: Announcement): Address {
  return state.hotKeys[announced.signer] ?? refuse('UnknownSigner');
}

function requireUnslashed(state: State, operator: Address, submissionId: Hex): void {
  if (state.slashed[`${operator}/${submissionId}`] === true) refuse('AlreadySlashed');
}

/** Whoever is slashed by its signature loses what it holds under that submission id. */
function punish(state: State, env: Environment, operator: Address, submissionId: Hex, finder: Address, withheld: boolean): void {
  const lease: Lease = leaseOf(state, submissionId);
  const job = jobOf(state, lease.jobId);
  const own = lease.operator === operator;
  if (own && lease.state === 'Submitted' && state.submissions[submissionId]?.proved === false) {
    reject(state, env, submissionId, finder, withheld);
    return;
  }
  if (own && (lease.state === 'Held' || lease.state === 'Lapsed')) revoke(state, env, lease);
  // What is proved stands: its bond alone returns, for the slash to take.
  if (own && lease.state === 'Submitted') returnBond(state, lease);
  markSlashed(state, operator, submissionId);
  const { bond } = job.terms;
  const slashed = slash(state, env, operator, bond, finder, [job.requester]);
  if (slashed < bond) state.debts[`${operator}/${submissionId}`] = { finder, amount: bond - slashed };
}

/** Takes what is owed for a fault, as far as no bond holds it by now. */
export function collectDebt(state: State, env: Environment, operator: Address, submissionId: Hex): void {
  const { jobId } = leaseOf(state, submissionId);
  const debt = state.debts[`${operator}/${submissionId}`];
  if (debt === undefined) refuse('NothingToCollect');
  const collected = collect(state, env, operator, debt.amount, debt.finder, [jobOf(state, jobId).requester]);
  if (collected === 0n) refuse('NothingToCollect');
  debt.amount -= collected;
}

export function slashByEvidence(state: State, env: Environment, evidence: ActionOf<'slashByEvidence'>): void {
  const { announcement, statement, proof, opening, salt, sender } = evidence;
  const lease = leaseOf(state, announcement.submissionId);
  const job = jobOf(state, lease.jobId);
  if (hashOf(state, job, statement) !== announcement.statementHash) refuse('StatementMismatch');
  requireContext(state, lease, statement);
  if (proofHash(hexToBytes(proof), hexToBytes(opening)) !== announcement.proofHash) refuse('ProofMismatch');
  requireEvidence(state, env, announcement, sender, salt);
  const operator = signerOf(state, announcement);
  requireUnslashed(state, operator, announcement.submissionId);
  if (env.verify(job.terms.circuitId, toldOpen(state, job), statement, proof, opening)) refuse('EvidenceIsTrue');
  const standing = state.submissions[announcement.submissionId];
  const very = standing?.statementHash === announcement.statementHash && standing.proofHash === announcement.proofHash;
  punish(state, env, operator, announcement.submissionId, sender, !very);
}

/** Whether two statements answer the same question with different results. */
function contradict(name: 'train-window' | 'inference', first: readonly bigint[], second: readonly bigint[]): boolean {
  if (first.length !== second.length || (name === 'train-window' && first.length !== 8)) return false;
  const mask = name === 'inference' ? 2 : 3;
  const isResult = (i: number): boolean => (name === 'inference' ? i >= 4 : i === 2 || i === 7);
  const sameQuestion = first.every((word, i) => i === mask || isResult(i) || word === second[i]);
  return sameQuestion && first.some((word, i) => isResult(i) && word !== second[i]);
}

export function slashByEquivocation(state: State, env: Environment, evidence: ActionOf<'slashByEquivocation'>): void {
  const { first, firstStatement, second, secondStatement, salt, sender } = evidence;
  if (second.submissionId !== first.submissionId) refuse('NoEquivocation');
  const lease = leaseOf(state, first.submissionId);
  const job = jobOf(state, lease.jobId);
  if (hashOf(state, job, firstStatement) !== first.statementHash) refuse('StatementMismatch');
  if (hashOf(state, job, secondStatement) !== second.statementHash) refuse('StatementMismatch');
  requireContext(state, lease, firstStatement);
  requireEvidence(state, env, first, sender, salt);
  const { statement: name } = circuitOf(state, job);
  // A child of hidden weights is blinded anew with each proof.
  if (name === 'train-window' && !job.terms.open) refuse('NoEquivocation');
  if (!contradict(name, firstStatement, secondStatement)) refuse('NoEquivocation');
  const operator = signerOf(state, first);
  if (signerOf(state, second) !== operator) refuse('NoEquivocation');
  requireUnslashed(state, operator, first.submissionId);
  punish(state, env, operator, first.submissionId, sender, true);
}

export function slashWithheld(state: State, env: Environment, submissionId: Hex): void {
  const open = state.demands[submissionId];
  if (open === undefined || !open.open) refuse('NoDemand');
  if (env.block <= open.deadline) refuse('DemandNotOverdue');
  reject(state, env, submissionId, open.challenger, true);
}
