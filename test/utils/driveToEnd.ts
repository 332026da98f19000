import type { Address, Hex } from 'viem';
import type { Action } from '../../src/protocol/model/action.ts';
import { apply } from '../../src/protocol/model/apply.ts';
import { jobOf } from '../../src/protocol/model/jobs.ts';
import { freeStake, stakeOf } from '../../src/protocol/model/stakes.ts';
import { type State, zeroAddress } from '../../src/protocol/model/state.ts';
import { mint } from '../../src/protocol/model/tokens.ts';
import type { PureTrace } from './runPureTrace.ts';

/**
 * Ends everything that a trace has left open, by what anybody may do in time, and by requesters and operators taking back what is theirs.
 *
 * @throws where an action that must work is refused
 */
export function driveToEnd({ state: start, cast, env, block: head }: PureTrace): State {
  let state = start;
  let block = head;
  const anybody = cast.treasury;
  const must = (action: Action, at = 0n): void => {
    block = at > block ? at : block + 1n;
    const applied = apply(state, action, env(block));
    if ('error' in applied) throw new Error(`block ${block}: ${action.kind} is refused with ${applied.error}`);
    state = applied.state;
  };
  const jobIds = Object.keys(state.jobs).map(BigInt);

  for (const jobId of jobIds) {
    const job = jobOf(state, jobId);
    // Nobody captured the seed in time.
    if (job.state === 'Open') must({ kind: 'refundUnseeded', sender: anybody, jobId }, job.openBlock + 265n);
    else if (job.state === 'Active' || job.state === 'Paused') must({ kind: 'cancel', sender: job.requester, jobId });
  }
  for (const submissionId of Object.keys(state.leases) as Hex[]) {
    const lease = state.leases[submissionId];
    if (lease?.state === 'Held') must({ kind: 'expire', sender: anybody, submissionId }, lease.deadline + 1n);
  }
  for (const submissionId of Object.keys(state.demands) as Hex[]) {
    // The one below it may have been rejected, and this one orphaned, meanwhile.
    const demand = state.demands[submissionId];
    if (demand?.open === true) must({ kind: 'slashWithheld', sender: anybody, submissionId }, demand.deadline + 1n);
  }
  for (const jobId of jobIds) {
    for (;;) {
      const { submitted = 0n, finalized = 0n } = state.progress[jobId.toString()] ?? {};
      if (submitted === finalized) break;
      const next = state.submissions[state.holders[`${jobId}/${finalized}`] ?? '0x'];
      must(
        { kind: 'finalize', sender: anybody, jobId, count: 8n },
        (next?.submittedAt ?? 0n) + jobOf(state, jobId).terms.finalityBlocks + 1n,
      );
    }
  }
  for (const [id, lease] of Object.entries(state.leases) as [Hex, State['leases'][Hex]][]) {
    const { terms } = jobOf(state, lease.jobId);
    const submission = state.submissions[id];
    if (submission === undefined) continue;
    const over = submission.submittedAt + terms.finalityBlocks + terms.answerBlocks + 1n;
    for (let seat = 0n; seat < terms.validators; seat++) {
      if (state.seats[`${id}/${seat}`]?.state !== 'Settled') must({ kind: 'settleSeat', sender: anybody, submissionId: id, seat }, over);
    }
  }
  // Every bond has returned; who owes more than is left brings the rest, as a gift where the purse is empty.
  for (const sender of Object.keys(state.stakes) as Address[]) {
    const { active, unbonding, debt } = stakeOf(state, sender);
    const amount = debt - active - unbonding;
    if (amount <= 0n) continue;
    state = structuredClone(state);
    mint(state, sender, amount);
    must({ kind: 'stake', sender, amount });
  }
  for (const [key, { amount }] of Object.entries(state.debts)) {
    const [operator, submissionId] = key.split('/') as [Address, Hex];
    if (amount > 0n) must({ kind: 'collectDebt', sender: anybody, operator, submissionId });
  }
  for (const [key, amount] of Object.entries(state.claimable)) {
    const [token, account] = key.split('/') as [Address, Address];
    if (amount > 0n && account !== zeroAddress) must({ kind: 'claim', sender: anybody, token, account });
  }
  for (const [account, amount] of Object.entries(state.owed) as [Address, bigint][]) {
    if (amount > 0n) must({ kind: 'withdrawCoin', sender: account });
  }
  const stakers = Object.keys(state.stakes) as Address[];
  for (const sender of stakers) {
    const free = freeStake(state, sender);
    if (free > 0n) must({ kind: 'unbond', sender, amount: free });
  }
  for (const sender of stakers) {
    const { unbonding, releaseBlock } = stakeOf(state, sender);
    if (unbonding > 0n) must({ kind: 'withdrawStake', sender }, releaseBlock);
  }
  return state;
}

/** What is still held somewhere, and should not be. */
export function leftOver(state: State): string[] {
  const held = (name: string, entries: Record<string, bigint>): string[] =>
    Object.entries(entries).flatMap(([key, amount]) => (amount === 0n ? [] : [`${name} ${key} ${amount}`]));
  const { stakeManager, rewardDistributor } = state.world;
  const parts = Object.entries(state.balances).filter(([key]) => key.endsWith(`/${stakeManager}`) || key.endsWith(`/${rewardDistributor}`));
  return [
    ...held('escrow', state.escrow),
    ...held('claimable', state.claimable),
    ...held('balance', Object.fromEntries(parts)),
    ...Object.values(state.stakes).flatMap(({ locked, debt }) => (locked + debt === 0n ? [] : [`locked ${locked}, owed ${debt}`])),
    ...(state.coin === 0n ? [] : [`coin ${state.coin}`]),
  ];
}
