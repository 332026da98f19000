import { R } from '../../commitment/field.ts';
import type { Action, ActionKind, ActionOf } from './action.ts';
import { collectDebt, commitEvidence, isCommitted, slashByEquivocation, slashByEvidence, slashWithheld } from './challenges.ts';
import { demand, withdrawCoin } from './demands.ts';
import { addInputs, cancel, captureSeed, close, openJob, pause, refundUnseeded, resume } from './jobs.ts';
import { expire, release, takeLease } from './leases.ts';
import { merge } from './merges.ts';
import { deregisterNode, registerNode } from './nodes.ts';
import { pauseNewJobs, setEmissionBps, setGasPrice } from './parameters.ts';
import { Refusal } from './refuse.ts';
import { claim, claimMany } from './rewards.ts';
import { rebond, stake, unbond, unjail, withdrawStake } from './stakes.ts';
import type { Environment, State } from './state.ts';
import { finalize, settle, submit, submitAndSettle } from './submissions.ts';
import { commitAttestation, enrol, exposeDigest, retire, revealAttestation, settleSeat } from './validators.ts';

/** The next state, or the name of the custom error with which the contracts refuse. */
export type Applied = { readonly state: State } | { readonly error: string };

function copy<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copy) as T;
  if (typeof value !== 'object' || value === null) return value;
  const copied: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) copied[key] = key === 'world' || key === 'terms' ? inner : copy(inner);
  return copied as T;
}

/** Settlement as a function: what one transaction makes of the contracts' state. A refused one changes nothing. */
export function apply(state: State, action: Action, env: Environment): Applied {
  const next = copy(state);
  try {
    run(next, action, env);
  } catch (refusal) {
    if (refusal instanceof Refusal) return { error: refusal.name };
    throw refusal;
  }
  return { state: next };
}

type Handlers = { readonly [K in ActionKind]: (state: State, env: Environment, action: ActionOf<K>) => void };

const handlers: Handlers = {
  registerNode: (state, _env, action) => registerNode(state, action.sender, action.hotKey),
  deregisterNode: (state, _env, action) => deregisterNode(state, action.sender),
  stake: (state, env, action) => stake(state, env, action.sender, action.amount),
  unbond: (state, env, action) => unbond(state, env, action.sender, action.amount),
  rebond: (state, env, action) => rebond(state, env, action.sender, action.amount),
  withdrawStake: (state, env, action) => withdrawStake(state, env, action.sender),
  unjail: (state, env, action) => unjail(state, env, action.sender),
  enrol: (state, env, action) => enrol(state, env, action.sender),
  retire: (state, env, action) => retire(state, env, action.sender),
  commitAttestation: (state, env, action) =>
    commitAttestation(state, env, action.sender, action.submissionId, action.seat, action.commitment),
  revealAttestation: (state, env, action) => revealAttestation(state, env, action.submissionId, action.seat, action.digest, action.salt),
  settleSeat: (state, env, action) => settleSeat(state, env, action.sender, action.submissionId, action.seat),
  exposeDigest: (state, env, action) => exposeDigest(state, env, action.sender, action, committed(state, env, action)),
  openJob: (state, env, action) => openJob(state, env, action.sender, action.terms),
  addInputs: (state, _env, action) => addInputs(state, action.sender, action.jobId, action.inputs, R),
  captureSeed: (state, env, action) => captureSeed(state, env, action.jobId),
  refundUnseeded: (state, env, action) => refundUnseeded(state, env, action.jobId),
  pause: (state, _env, action) => pause(state, action.sender, action.jobId),
  resume: (state, _env, action) => resume(state, action.sender, action.jobId),
  cancel: (state, _env, action) => cancel(state, action.sender, action.jobId),
  close: (state, env, action) => close(state, env, action.jobId),
  lease: (state, env, action) => takeLease(state, env, action.sender, action.jobId, action.contributionIndex, action.expectedId),
  release: (state, env, action) => release(state, env, action.sender, action.submissionId),
  expire: (state, env, action) => expire(state, env, action.submissionId),
  submit: (state, env, action) => submit(state, env, action.sender, action),
  submitAndSettle: (state, env, action) =>
    submitAndSettle(state, env, action.sender, action.submissionId, action.results, action.proof, action.opening),
  settle: (state, env, action) => settle(state, env, action.sender, action, committed(state, env, action)),
  finalize: (state, env, action) => finalize(state, env, action.jobId, action.count),
  merge: (state, env, action) => merge(state, env, action.jobId, action.base, action.children),
  commitEvidence: (state, env, action) => commitEvidence(state, env, action.commitment),
  slashByEvidence: (state, env, action) => slashByEvidence(state, env, action),
  slashByEquivocation: (state, env, action) => slashByEquivocation(state, env, action),
  collectDebt: (state, env, action) => collectDebt(state, env, action.operator, action.submissionId),
  demand: (state, env, action) => demand(state, env, action.sender, action.submissionId, action.value),
  slashWithheld: (state, env, action) => slashWithheld(state, env, action.submissionId),
  withdrawCoin: (state, _env, action) => withdrawCoin(state, action.sender),
  claim: (state, _env, action) => claim(state, action.token, action.account),
  claimMany: (state, _env, action) => claimMany(state, action.tokens, action.accounts),
  setGasPrice: (state, _env, action) => setGasPrice(state, action.sender, action.price),
  setEmissionBps: (state, _env, action) => setEmissionBps(state, action.sender, action.bps),
  pauseNewJobs: (state, env, action) => pauseNewJobs(state, env, action.sender, action.blocks),
};

/** Whether the sender committed the evidence against what was submitted. */
function committed(state: State, env: Environment, action: ActionOf<'settle' | 'exposeDigest'>): boolean {
  const { submissionId, sender, salt } = action;
  const submission = state.submissions[submissionId];
  return submission !== undefined && isCommitted(state, env, { ...submission, submissionId }, sender, salt);
}

function run(state: State, action: Action, env: Environment): void {
  // The table has a handler for every kind, for actions of this kind.
  const handler = handlers[action.kind] as (state: State, env: Environment, action: Action) => void;
  handler(state, env, action);
}
