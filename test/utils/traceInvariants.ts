import type { Address, Hex } from 'viem';
import { jobOf, seatShare } from '../../src/protocol/model/jobs.ts';
import type { JobState, LeaseState, State } from '../../src/protocol/model/state.ts';
import { balanceOf } from '../../src/protocol/model/tokens.ts';

const sum = (amounts: Iterable<bigint>): bigint => {
  let total = 0n;
  for (const amount of amounts) total += amount;
  return total;
};

/** A name and a sentence for everything that is wrong with one state. */
export function brokenInvariants(state: State, payToken: Address, paySupply: bigint): string[] {
  const broken: string[] = [];
  const equal = (what: string, left: bigint, right: bigint): void => {
    if (left !== right) broken.push(`${what}: ${left} is not ${right}`);
  };
  const { token, rewardDistributor, stakeManager } = state.world;
  const balances = Object.entries(state.balances);
  const ofToken = (entries: readonly [string, bigint][], at: Address): bigint =>
    sum(entries.filter(([key]) => key.startsWith(`${at}/`)).map(([, amount]) => amount));
  equal('ASSAY is conserved', ofToken(balances, token), state.supply);
  equal('the pay token is conserved', ofToken(balances, payToken), paySupply);
  for (const at of [token, payToken]) {
    const escrowed = sum(Object.entries(state.escrow).flatMap(([key, amount]) => (key.endsWith(`/${at}`) ? [amount] : [])));
    equal('the vault holds what it owes', balanceOf(state, at, rewardDistributor), escrowed + ofToken(Object.entries(state.claimable), at));
  }
  const stakes = Object.values(state.stakes);
  equal('stake is there', balanceOf(state, token, stakeManager), sum(stakes.map((s) => s.active + s.unbonding - s.taken)));
  const demanded = Object.values(state.demands).flatMap((demand) => (demand.open ? [demand.bond] : []));
  equal('coin is there', state.coin, sum(Object.values(state.owed)) + sum(demanded));

  const leases = Object.values(state.leases);
  const seats = Object.values(state.seats);
  for (const [operator, stake] of Object.entries(state.stakes)) {
    const held = sum(leases.flatMap((lease) => (lease.operator === operator ? [lease.locked] : [])));
    const vouched = sum(seats.flatMap((seat) => (seat.operator === operator ? [seat.bond] : [])));
    equal(`locks of ${operator}`, stake.locked, held + vouched);
    const debts = Object.entries(state.debts).flatMap(([key, debt]) => (key.startsWith(`${operator}/`) ? [debt.amount] : []));
    equal(`debts of ${operator}`, stake.debt, sum(debts));
    if (stake.locked > stake.active + stake.unbonding - stake.taken) broken.push(`the bonds of ${operator} are not backed`);
  }
  for (const [submissionId, lease] of Object.entries(state.leases)) {
    // What is proved stands, though its operator's bond was taken for a fault of its own.
    const forfeited =
      state.submissions[submissionId as Hex]?.proved === true && state.slashed[`${lease.operator}/${submissionId}`] === true;
    if (lease.locked > 0n !== (lease.state === 'Held' || (lease.state === 'Submitted' && !forfeited)))
      broken.push(`a ${lease.state} lease locks ${lease.locked}`);
    if ((lease.ended === 0n) !== ['Held', 'Lapsed', 'Submitted'].includes(lease.state))
      broken.push(`a ${lease.state} lease ended in ${lease.ended}`);
  }

  const paid = new Set<string>();
  for (const lease of leases.filter(({ state }) => state === 'Finalized')) {
    const unit = `${lease.jobId}/${lease.windowIndex}/${lease.contributionIndex}`;
    if (paid.has(unit)) broken.push(`unit ${unit} is paid twice`);
    paid.add(unit);
  }
  for (const jobId of Object.keys(state.jobs)) broken.push(...brokenJob(state, BigInt(jobId), paid));
  broken.push(...negatives(state, 'state'));
  return broken;
}

function brokenJob(state: State, jobId: bigint, paid: ReadonlySet<string>): string[] {
  const broken: string[] = [];
  const job = jobOf(state, jobId);
  const { terms } = job;
  const progress = state.progress[jobId.toString()];
  if (progress === undefined) return ['a job without progress'];
  let dueSeats = 0n;
  for (const [id, lease] of Object.entries(state.leases)) {
    if (lease.jobId !== jobId || lease.state !== 'Finalized') continue;
    for (let seat = 0n; seat < terms.validators; seat++) if (state.seats[`${id}/${seat}`]?.state !== 'Settled') dueSeats++;
  }
  const { token } = state.world;
  const same = terms.token === token;
  const price = terms.price * job.unitsLeft + dueSeats * seatShare(terms);
  const fees = terms.fee * job.unitsLeft;
  if ((state.escrow[`${jobId}/${terms.token}`] ?? 0n) !== price + (same ? fees : 0n)) broken.push(`escrow of job ${jobId}`);
  if (!same && (state.escrow[`${jobId}/${token}`] ?? 0n) !== fees) broken.push(`fees of job ${jobId}`);

  const units = BigInt([...paid].filter((unit) => unit.startsWith(`${jobId}/`)).length);
  const total = terms.windows * terms.contributions;
  if (job.state === 'Cancelled' ? units + job.unitsLeft > total : units + job.unitsLeft !== total) broken.push(`units of job ${jobId}`);
  if (progress.submitted - progress.finalized > 8n) broken.push(`job ${jobId} has too many windows that are not final`);
  if (progress.finalized > progress.submitted || progress.submitted > terms.windows) broken.push(`windows of job ${jobId}`);

  let pending = 0n;
  for (let c = 0n; c < terms.contributions; c++) {
    const slot = state.slots[`${jobId}/${c}`];
    if (slot === undefined || slot.windowIndex !== progress.submitted || slot.epoch !== progress.epoch) continue;
    const holding = Object.values(state.leases).filter(
      (lease) =>
        lease.jobId === jobId &&
        lease.contributionIndex === c &&
        lease.windowIndex === slot.windowIndex &&
        lease.epoch === slot.epoch &&
        lease.state === 'Held',
    );
    if (BigInt(holding.length) !== slot.held) broken.push(`slot ${jobId}/${c} counts ${slot.held} leases of ${holding.length}`);
    if (!slot.raced && !slot.done && holding.length > 1) broken.push(`slot ${jobId}/${c} has two exclusive leases`);
    if (!slot.done && holding.length > 0) pending++;
  }
  if (pending !== progress.pendingSlots) broken.push(`job ${jobId} counts ${progress.pendingSlots} pending slots of ${pending}`);
  return broken;
}

function negatives(value: unknown, path: string): string[] {
  if (typeof value === 'bigint') return value < 0n ? [`${path} is ${value}`] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => (key === 'world' || key === 'terms' ? [] : negatives(inner, `${path}.${key}`)));
}

const jobSteps: Readonly<Record<JobState, readonly JobState[]>> = {
  Open: ['Active', 'Cancelled'],
  Active: ['Paused', 'Completed', 'Cancelled'],
  Paused: ['Active', 'Completed', 'Cancelled'],
  Completed: [],
  Cancelled: [],
};
const leaseSteps: Readonly<Record<LeaseState, readonly LeaseState[]>> = {
  Held: ['Submitted', 'Finalized', 'Released', 'Lapsed', 'Revoked', 'Orphaned'],
  Lapsed: ['Submitted', 'Finalized', 'Revoked'],
  Submitted: ['Finalized', 'Rejected', 'Orphaned'],
  Finalized: [],
  Rejected: [],
  Orphaned: [],
  Released: [],
  Revoked: [],
};

/** What one action must not undo. */
export function brokenSteps(before: State, after: State): string[] {
  const broken: string[] = [];
  for (const [id, job] of Object.entries(before.jobs)) {
    const now = after.jobs[id];
    if (now === undefined) broken.push(`job ${id} is gone`);
    else {
      if (now.state !== job.state && !jobSteps[job.state].includes(now.state)) broken.push(`job ${id}: ${job.state} to ${now.state}`);
      if (now.unitsLeft > job.unitsLeft) broken.push(`job ${id} gained units`);
      if (job.batchSeed !== 0n && now.batchSeed !== job.batchSeed) broken.push(`job ${id} has another seed`);
    }
    const [was, is] = [before.progress[id], after.progress[id]];
    if (was === undefined || is === undefined) continue;
    if (is.finalized < was.finalized || is.epoch < was.epoch || is.leaseNonce < was.leaseNonce)
      broken.push(`progress of job ${id} went back`);
    if (is.submitted < was.submitted && is.epoch === was.epoch) broken.push(`job ${id} lost a window without a rejection`);
  }
  for (const [id, lease] of Object.entries(before.leases)) {
    const now = after.leases[id as keyof State['leases']]?.state;
    if (now !== lease.state && (now === undefined || !leaseSteps[lease.state].includes(now))) broken.push(`lease ${lease.state} to ${now}`);
  }
  for (const [id, demand] of Object.entries(before.demands)) {
    if (!demand.open && after.demands[id as keyof State['demands']]?.open !== false) broken.push('a demand opened again');
  }
  for (const key of Object.keys(before.slashed)) if (after.slashed[key] !== true) broken.push(`${key} can be slashed again`);
  for (const key of Object.keys(before.final)) if (after.final[key] !== true) broken.push(`checkpoint ${key} is not final any more`);
  for (const [key, block] of Object.entries(before.committed)) {
    if (after.committed[key as keyof State['committed']] !== block) broken.push('a commitment was made anew');
  }
  return broken;
}
