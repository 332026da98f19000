import type { Address } from 'viem';
import type { Environment, State } from './state.ts';

/** The operator's weight in the draw at the end of a block. */
export function weightAt(state: State, operator: Address, block: bigint): bigint {
  return state.weights[operator]?.findLast((entry) => entry.block <= block)?.weight ?? 0n;
}

/** Sets an operator's weight from now on. */
export function setWeight(state: State, env: Environment, operator: Address, weight: bigint): void {
  const history = state.weights[operator] ?? [];
  const kept = history.filter((entry) => entry.block < env.block);
  state.weights[operator] = [...kept, { block: env.block, weight }];
}

/** Follows a stake that changed; whoever is not enrolled has no weight. */
export function weightChanged(state: State, env: Environment, operator: Address, weight: bigint): void {
  if (state.enrolled[operator] === true) setWeight(state, env, operator, weight);
}
