import type { Address } from 'viem';
import type { Environment, State } from './state.ts';
import { mint } from './tokens.ts';

const epochBlocks = 7_200n;
const firstBudget = 250_000n * 10n ** 18n;
const halvingEpochs = 365n;

/** Mints a share of a burned fee to the worker, as far as the epoch's budget reaches. */
export function emitFor(state: State, env: Environment, operator: Address, fee: bigint, bps: bigint): bigint {
  const epoch = (env.block - state.world.deployedBlock) / epochBlocks;
  const minted = state.minted[epoch.toString()] ?? 0n;
  const left = (firstBudget >> (epoch / halvingEpochs)) - minted;
  const wanted = (fee * bps) / 10_000n;
  const amount = wanted < left ? wanted : left;
  if (amount === 0n) return 0n;
  state.minted[epoch.toString()] = minted + amount;
  mint(state, operator, amount);
  return amount;
}
