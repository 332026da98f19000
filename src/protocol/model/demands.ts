import type { Address, Hex } from 'viem';
import { jobOf } from './jobs.ts';
import { refuse } from './refuse.ts';
import { type Environment, type State, zeroAddress } from './state.ts';

const settleGas = 5_000_000n;

/** What a demand costs: three times the gas of a settlement, at the base fee plus 1 gwei. */
export function demandBond(env: Environment): bigint {
  return 3n * settleGas * (env.baseFee + 10n ** 9n);
}

function owe(state: State, account: Address, amount: bigint): void {
  if (amount > 0n) state.owed[account] = (state.owed[account] ?? 0n) + amount;
}

/** Demands the bytes of a proof, once for a submission; what is sent above the bond is owed back. */
export function demand(state: State, env: Environment, sender: Address, submissionId: Hex, value: bigint): void {
  const lease = state.leases[submissionId] ?? refuse('UnknownSubmission');
  const submission = state.submissions[submissionId];
  const { terms } = jobOf(state, lease.jobId);
  if (submission === undefined || lease.state !== 'Submitted' || submission.proved) refuse('NotDemandable');
  if (env.block > submission.submittedAt + terms.finalityBlocks) refuse('NotDemandable');
  if (state.demands[submissionId] !== undefined) refuse('AlreadyDemanded');
  const bond = demandBond(env);
  if (value < bond) refuse('DemandBondTooSmall');
  state.coin += value;
  state.demands[submissionId] = { challenger: sender, bond, deadline: env.block + terms.answerBlocks, open: true };
  owe(state, sender, value - bond);
}

/** Closes an open demand; without a poster its bond goes back to the challenger. */
export function closeDemand(state: State, submissionId: Hex, poster: Address): void {
  const open = state.demands[submissionId];
  if (open === undefined || !open.open) return;
  open.open = false;
  owe(state, poster === zeroAddress ? open.challenger : poster, open.bond);
}

export function withdrawCoin(state: State, sender: Address): void {
  const amount = state.owed[sender] ?? 0n;
  if (amount === 0n) refuse('NothingToWithdraw');
  state.owed[sender] = 0n;
  state.coin -= amount;
}
