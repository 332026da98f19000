import type { Address } from 'viem';
import { refuse } from './refuse.ts';
import type { Environment, State } from './state.ts';

/** Gas of one settlement, as the bond floor takes it. */
const settleGas = 5_000_000n;
/** A week. */
const maxPauseBlocks = 50_400n;

export function setGasPrice(state: State, sender: Address, price: bigint): void {
  if (sender !== state.world.governor) refuse('NotGovernor');
  if (price < 10n ** 9n || price > 10n ** 16n) refuse('OutOfBounds');
  state.gasPrice = price;
}

export function setEmissionBps(state: State, sender: Address, bps: bigint): void {
  if (sender !== state.world.governor) refuse('NotGovernor');
  if (bps > 5_000n) refuse('OutOfBounds');
  state.emissionBps = bps;
}

/** Stops new jobs for so many blocks from this one on; a new pause waits until as many blocks were open as the last one was long. */
export function pauseNewJobs(state: State, env: Environment, sender: Address, blocks: bigint): void {
  const { guardian, guardianExpiry } = state.world;
  if (sender !== guardian) refuse('NotGuardian');
  if (env.block > guardianExpiry) refuse('GuardianExpired');
  if (blocks === 0n) {
    if (env.block > state.pausedUntil) return;
    state.pausedUntil = env.block - 1n;
    state.nextPause = 2n * (env.block + 1n) - state.pausedFrom;
    return;
  }
  if (env.block < state.nextPause) refuse('PauseTooSoon');
  if (blocks > maxPauseBlocks || env.block + blocks - 1n > guardianExpiry) refuse('OutOfBounds');
  state.pausedFrom = env.block;
  state.pausedUntil = env.block + blocks - 1n;
  state.nextPause = env.block + 2n * blocks;
}

/** ceil(4 settleGas gasPrice 10 / 3): the finder's 30 % pay four settlements. */
export function bondFloor(state: State): bigint {
  return (4n * settleGas * state.gasPrice * 10n + 2n) / 3n;
}
