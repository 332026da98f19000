import type { Address } from 'viem';
import { refuse } from './refuse.ts';
import { loseReputation } from './reputation.ts';
import { credit } from './rewards.ts';
import { type Environment, type Stake, type State, zeroAddress } from './state.ts';
import { burn, transfer } from './tokens.ts';
import { weightChanged } from './weights.ts';

const oneToken = 10n ** 18n;
const nothing: Stake = { active: 0n, locked: 0n, unbonding: 0n, releaseBlock: 0n, jailedUntil: 0n, taken: 0n, debt: 0n };

/** The operator's stake, what was taken from it spread over both parts. */
export function stakeOf(state: State, operator: Address): Stake {
  const stored = state.stakes[operator] ?? nothing;
  const total = stored.active + stored.unbonding;
  if (stored.taken === 0n || total === 0n) return { ...stored, taken: 0n };
  // What does not divide is taken from the active part.
  let unbonding = stored.unbonding - (stored.unbonding * stored.taken) / total;
  let active = total - stored.taken - unbonding;
  // Bonds hold active stake: what unbonds makes up for what was taken under them.
  if (active < stored.locked) {
    const both = active + unbonding;
    active = stored.locked;
    if (active > both) active = both;
    unbonding = both - active;
  }
  return { ...stored, active, unbonding, taken: 0n };
}

export function freeStake(state: State, operator: Address): bigint {
  const { active, locked, debt } = stakeOf(state, operator);
  const claimed = locked + debt;
  return active > claimed ? active - claimed : 0n;
}

export function isJailed(state: State, operator: Address): boolean {
  return (state.stakes[operator]?.jailedUntil ?? 0n) !== 0n;
}

function changed(state: State, env: Environment, operator: Address): void {
  const { active, jailedUntil } = stakeOf(state, operator);
  weightChanged(state, env, operator, jailedUntil === 0n ? active : 0n);
}

export function stake(state: State, env: Environment, sender: Address, amount: bigint): void {
  if (amount === 0n) refuse('ZeroAmount');
  transfer(state, state.world.token, sender, state.world.stakeManager, amount);
  const before = stakeOf(state, sender);
  state.stakes[sender] = { ...before, active: before.active + amount };
  changed(state, env, sender);
}

export function unbond(state: State, env: Environment, sender: Address, amount: bigint): void {
  if (amount === 0n) refuse('ZeroAmount');
  if (amount > freeStake(state, sender)) refuse('StakeTooSmall');
  const before = stakeOf(state, sender);
  state.stakes[sender] = {
    ...before,
    active: before.active - amount,
    unbonding: before.unbonding + amount,
    releaseBlock: env.block + state.world.unbondingBlocks,
  };
  changed(state, env, sender);
}

export function rebond(state: State, env: Environment, sender: Address, amount: bigint): void {
  if (amount === 0n) refuse('ZeroAmount');
  const before = stakeOf(state, sender);
  if (amount > before.unbonding) refuse('StakeTooSmall');
  state.stakes[sender] = { ...before, active: before.active + amount, unbonding: before.unbonding - amount };
  changed(state, env, sender);
}

export function withdrawStake(state: State, env: Environment, sender: Address): void {
  const before = stakeOf(state, sender);
  if (before.unbonding === 0n) refuse('ZeroAmount');
  if (before.debt > 0n) refuse('StillOwing');
  if (env.block < before.releaseBlock) refuse('StillUnbonding');
  state.stakes[sender] = { ...before, unbonding: 0n };
  transfer(state, state.world.token, state.world.stakeManager, sender, before.unbonding);
}

export function unjail(state: State, env: Environment, sender: Address): void {
  const before = stakeOf(state, sender);
  if (before.jailedUntil === 0n) refuse('NotJailed');
  if (env.block < before.jailedUntil) refuse('StillJailed');
  if (before.active < before.debt + oneToken) refuse('StakeTooSmall');
  // It moves no stake, so what was taken stays to be spread together with what is taken next.
  state.stakes[sender] = { ...(state.stakes[sender] ?? nothing), jailedUntil: 0n };
  changed(state, env, sender);
}

export function lock(state: State, operator: Address, amount: bigint): void {
  if (amount > freeStake(state, operator)) refuse('StakeTooSmall');
  const stored = state.stakes[operator];
  if (stored !== undefined) state.stakes[operator] = { ...stored, locked: stored.locked + amount };
}

export function unlock(state: State, operator: Address, amount: bigint): void {
  const stored = state.stakes[operator];
  if (stored !== undefined) state.stakes[operator] = { ...stored, locked: stored.locked - amount };
}

/** Takes up to `amount` of what no bond holds, to be spread later. */
function take(state: State, operator: Address, amount: bigint): bigint {
  const stored = state.stakes[operator];
  if (stored === undefined) return 0n;
  const left = stored.active + stored.unbonding - stored.taken - stored.locked;
  const taken = left < 0n ? 0n : amount < left ? amount : left;
  state.stakes[operator] = { ...stored, taken: stored.taken + taken };
  return taken;
}

/** Burns up to `amount`. @returns what was burned */
export function penalise(state: State, env: Environment, operator: Address, amount: bigint): bigint {
  const burned = take(state, operator, amount);
  burn(state, state.world.stakeManager, burned);
  changed(state, env, operator);
  return burned;
}

/** Takes up to `amount`; the rest is owed; jails, takes the reputation. @returns what was taken */
export function slash(
  state: State,
  env: Environment,
  operator: Address,
  amount: bigint,
  finder: Address,
  harmed: readonly Address[],
): bigint {
  const slashed = take(state, operator, amount);
  const stored = state.stakes[operator] ?? nothing;
  const jailedUntil = env.block + state.world.unbondingBlocks / 4n;
  state.stakes[operator] = { ...stored, jailedUntil, debt: stored.debt + amount - slashed };
  divide(state, operator, slashed, finder, harmed);
  loseReputation(state, operator);
  changed(state, env, operator);
  return slashed;
}

/** Takes up to `amount` of what is owed. @returns what was taken */
export function collect(
  state: State,
  env: Environment,
  operator: Address,
  amount: bigint,
  finder: Address,
  harmed: readonly Address[],
): bigint {
  const collected = take(state, operator, amount);
  const stored = state.stakes[operator];
  if (stored !== undefined) state.stakes[operator] = { ...stored, debt: stored.debt - collected };
  divide(state, operator, collected, finder, harmed);
  changed(state, env, operator);
  return collected;
}

/** 30 % to the finder, 20 % to the harmed, the rest burns. */
function divide(state: State, operator: Address, taken: bigint, finder: Address, harmed: readonly Address[]): void {
  const own = finder === zeroAddress || finder === operator || state.hotKeys[finder] === operator;
  const finderPart = own ? 0n : (taken * 3_000n) / 10_000n;
  const harmedPart = (taken * 2_000n) / 10_000n;
  const { token, stakeManager, rewardDistributor } = state.world;
  transfer(state, token, stakeManager, rewardDistributor, finderPart + harmedPart);
  burn(state, stakeManager, taken - finderPart - harmedPart);
  credit(state, token, finder, finderPart);
  const each = harmedPart / BigInt(harmed.length);
  for (const [i, account] of harmed.entries()) {
    credit(state, token, account, i === 0 ? harmedPart - each * BigInt(harmed.length - 1) : each);
  }
}
