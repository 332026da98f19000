import type { Address } from 'viem';
import { refuse } from './refuse.ts';
import type { State } from './state.ts';
import { burn, transfer } from './tokens.ts';

/** Books what stands in the vault already as claimable. */
export function credit(state: State, token: Address, account: Address, amount: bigint): void {
  if (amount === 0n) return;
  const key = `${token}/${account}`;
  state.claimable[key] = (state.claimable[key] ?? 0n) + amount;
}

export function receiveEscrow(state: State, jobId: bigint, token: Address, from: Address, amount: bigint): void {
  transfer(state, token, from, state.world.rewardDistributor, amount);
  const key = `${jobId}/${token}`;
  state.escrow[key] = (state.escrow[key] ?? 0n) + amount;
}

function take(state: State, jobId: bigint, token: Address, amount: bigint): void {
  const key = `${jobId}/${token}`;
  const escrow = state.escrow[key] ?? 0n;
  if (escrow < amount) refuse('EscrowTooSmall');
  state.escrow[key] = escrow - amount;
}

export function creditFromEscrow(state: State, jobId: bigint, token: Address, account: Address, amount: bigint): void {
  take(state, jobId, token, amount);
  credit(state, token, account, amount);
}

export function burnFromEscrow(state: State, jobId: bigint, amount: bigint): void {
  take(state, jobId, state.world.token, amount);
  burn(state, state.world.rewardDistributor, amount);
}

export function claim(state: State, token: Address, account: Address): void {
  const key = `${token}/${account}`;
  const amount = state.claimable[key] ?? 0n;
  if (amount === 0n) refuse('NothingToClaim');
  state.claimable[key] = 0n;
  transfer(state, token, state.world.rewardDistributor, account, amount);
}

/** Claims that find nothing are skipped. */
export function claimMany(state: State, tokens: readonly Address[], accounts: readonly Address[]): void {
  if (tokens.length !== accounts.length) refuse('LengthMismatch');
  if (tokens.length > 64) refuse('TooManyClaims');
  for (const [i, token] of tokens.entries()) {
    const account = accounts[i];
    if (account !== undefined && (state.claimable[`${token}/${account}`] ?? 0n) > 0n) claim(state, token, account);
  }
}
