import type { Address } from 'viem';
import { emissionOf, epochOf } from '../supply.ts';
import type { Environment, State } from './state.ts';
import { mint } from './tokens.ts';

/** Mints a share of a burned fee to the worker, as far as the epoch's budget reaches. */
export function emitFor(state: State, env: Environment, operator: Address, fee: bigint, bps: bigint): void {
  const epoch = epochOf(state.world.deployedBlock, env.block);
  const minted = state.minted[epoch.toString()] ?? 0n;
  const amount = emissionOf(fee, bps, epoch, minted);
  if (amount === 0n) return;
  state.minted[epoch.toString()] = minted + amount;
  mint(state, operator, amount);
}
