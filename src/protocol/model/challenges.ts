import { type Address, type Hex, hexToBytes } from 'viem';
import { evidenceCommitment, proofHash, statementHash } from '../../commitment/ids.ts';
import type { ActionOf, Announcement } from './action.ts';
import { circuitOf, jobOf } from './jobs.ts';
import { leaseOf, revoke } from './leases.ts';
import { refuse } from './refuse.ts';
import { slash } from './stakes.ts';
import type { Environment, Lease, State } from './state.ts';
import { markSlashed, reject, toldOpen } from './submissions.ts';

export function commitEvidence(state: State, env: Environment, commitment: Hex): void {
  state.committed[commitment] ??= env.block;
}

/** Whether the finder committed this evidence in an earlier block. */
export function isCommitted(state: State, env: Environment, announced: Omit<Announcement, 'signer'>, finder: Address, salt: Hex): boolean {
  const { submissionId, statementHash, proofHash } = announced;
  const block = state.committed[evidenceCommitment({ submissionId, statementHash, proofHash, finder, salt })];
  return block !== undefined && block < env.block;
}

/** What any evidence needs first; the operator that signed. */
function accused(state: State, env: Environment, announced: Announcement, finder: Address, salt: Hex): Address {
  const { submissionId } = announced;
  const lease = leaseOf(state, submissionId);
  if (!isCommitted(state, env, announced, finder, salt)) refuse('NotCommitted');
  const operator = state.hotKeys[announced.signer] ?? refuse('UnknownSigner');
  if (lease.state !== 'Submitted') {
    let over = lease.deadline;
    if (lease.ended > over) over = lease.ended;
    if (env.block > over + jobOf(state, lease.jobId).terms.evidenceBlocks) refuse('EvidenceWindowOver');
  }
  if (state.slashed[`${operator}/${submissionId}`] === true) refuse('AlreadySlashed');
  return operator;
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
  markSlashed(state, operator, submissionId);
  slash(state, env, operator, job.terms.bond, finder, [job.requester]);
}

export function slashByEvidence(state: State, env: Environment, evidence: ActionOf<'slashByEvidence'>): void {
  const { announcement, statement, proof, opening, salt, sender } = evidence;
  const lease = leaseOf(state, announcement.submissionId);
  const job = jobOf(state, lease.jobId);
  const { statement: name, outputs } = circuitOf(state, job);
  const words = name === 'inference' ? 4n + outputs : 8n;
  if (BigInt(statement.length) !== words || statementHash(name, statement) !== announcement.statementHash) refuse('StatementMismatch');
  if (proofHash(hexToBytes(proof), hexToBytes(opening)) !== announcement.proofHash) refuse('ProofMismatch');
  const operator = accused(state, env, announcement, sender, salt);
  if (env.verify(job.terms.circuitId, toldOpen(state, job), statement, proof, opening)) refuse('EvidenceIsTrue');
  const standing = state.submissions[announcement.submissionId];
  const very = standing?.statementHash === announcement.statementHash && standing.proofHash === announcement.proofHash;
  punish(state, env, operator, announcement.submissionId, sender, !very);
}

/** Whether two statements answer the same question with different results. */
function contradict(name: 'train-window' | 'inference', first: readonly bigint[], second: readonly bigint[]): boolean {
  const mask = name === 'inference' ? 2 : 3;
  const isResult = (i: number): boolean => (name === 'inference' ? i >= 4 : i === 2 || i === 7);
  const sameQuestion = first.every((word, i) => i === mask || isResult(i) || word === second[i]);
  return sameQuestion && first.some((word, i) => isResult(i) && word !== second[i]);
}

export function slashByEquivocation(state: State, env: Environment, evidence: ActionOf<'slashByEquivocation'>): void {
  const { first, firstStatement, second, secondStatement, salt, sender } = evidence;
  const lease = leaseOf(state, first.submissionId);
  const job = jobOf(state, lease.jobId);
  const { statement: name, outputs } = circuitOf(state, job);
  const words = name === 'inference' ? 4n + outputs : 8n;
  const hashes = (announced: Announcement, statement: readonly bigint[]): boolean =>
    BigInt(statement.length) === words && statementHash(name, statement) === announced.statementHash;
  if (!hashes(first, firstStatement) || !hashes(second, secondStatement)) refuse('StatementMismatch');
  const operator = accused(state, env, first, sender, salt);
  if (second.submissionId !== first.submissionId || state.hotKeys[second.signer] !== operator) refuse('NoEquivocation');
  if (name === 'train-window' && !job.terms.open) refuse('NoEquivocation');
  if (!contradict(name, firstStatement, secondStatement)) refuse('NoEquivocation');
  punish(state, env, operator, first.submissionId, sender, true);
}

export function slashWithheld(state: State, env: Environment, submissionId: Hex): void {
  const open = state.demands[submissionId];
  if (open === undefined || !open.open) refuse('NoDemand');
  if (env.block <= open.deadline) refuse('DemandNotOverdue');
  reject(state, env, submissionId, open.challenger, true);
}
