import type { Address } from 'viem';
import type { Environment, State } from './state.ts';

/** Blocks in which a score halves: 30 days. */
const halfLife = 216_000n;
/** The score that has half of the greatest influence. */
const scale = 100n * 10n ** 18n;

export function scoreOf(state: State, env: Environment, operator: Address): bigint {
  const stored = state.reputation[operator];
  if (stored === undefined) return 0n;
  const age = env.block - stored.since;
  const halvings = age / halfLife;
  if (halvings >= 128n) return 0n;
  const halved = stored.score >> halvings;
  return halved - (halved * (age % halfLife)) / (2n * halfLife);
}

/** From 10,000 to 15,000. */
export function factorOf(state: State, env: Environment, operator: Address): bigint {
  const score = scoreOf(state, env, operator);
  return 10_000n + (5_000n * score) / (score + scale);
}

export function gainReputation(state: State, env: Environment, operator: Address, fee: bigint): void {
  if (fee === 0n) return;
  state.reputation[operator] = { score: scoreOf(state, env, operator) + fee, since: env.block };
}

export function loseReputation(state: State, operator: Address): void {
  delete state.reputation[operator];
}
