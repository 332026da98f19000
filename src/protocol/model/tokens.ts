import type { Address } from 'viem';
import { refuse } from './refuse.ts';
import type { State } from './state.ts';

export function balanceOf(state: State, token: Address, account: Address): bigint {
  return state.balances[`${token}/${account}`] ?? 0n;
}

/** Moves a plain token; allowances are taken as given. */
export function transfer(state: State, token: Address, from: Address, to: Address, amount: bigint): void {
  const balance = balanceOf(state, token, from);
  if (balance < amount) refuse('ERC20InsufficientBalance');
  state.balances[`${token}/${from}`] = balance - amount;
  state.balances[`${token}/${to}`] = balanceOf(state, token, to) + amount;
}

/** Burns ASSAY. */
export function burn(state: State, from: Address, amount: bigint): void {
  const balance = balanceOf(state, state.world.token, from);
  if (balance < amount) refuse('ERC20InsufficientBalance');
  state.balances[`${state.world.token}/${from}`] = balance - amount;
  state.supply -= amount;
}

/** Mints ASSAY. */
export function mint(state: State, to: Address, amount: bigint): void {
  state.balances[`${state.world.token}/${to}`] = balanceOf(state, state.world.token, to) + amount;
  state.supply += amount;
}
