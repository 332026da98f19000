import type { Address } from 'viem';
import { factorAt, gained, noReputation, scoreAt } from '../reputation.ts';
import type { Environment, State } from './state.ts';

export function scoreOf(state: State, env: Environment, operator: Address): bigint {
  return scoreAt(state.reputation[operator] ?? noReputation, env.block);
}

/** From 10,000 to 15,000. */
export function factorOf(state: State, env: Environment, operator: Address): bigint {
  return factorAt(state.reputation[operator] ?? noReputation, env.block);
}

export function gainReputation(state: State, env: Environment, operator: Address, fee: bigint): void {
  state.reputation[operator] = gained(state.reputation[operator] ?? noReputation, fee, env.block);
}

export function loseReputation(state: State, operator: Address): void {
  delete state.reputation[operator];
}
