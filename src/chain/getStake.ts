import type { Address } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { stakeManagerAbi } from './generated/StakeManager.ts';

export type StakeRecord = {
  readonly active: bigint;
  /** Held by bonds; part of `active`. */
  readonly locked: bigint;
  readonly unbonding: bigint;
  /** Block from which what unbonds can be withdrawn. */
  readonly releaseBlock: bigint;
  /** Block from which a slashed operator may return (`unjail`); 0 if it is not jailed. */
  readonly jailedUntil: bigint;
  /** What its slashes could not take, since bonds held it or it was not there (`collectDebt`). */
  readonly debt: bigint;
  /** Active, not locked and not owed. */
  readonly free: bigint;
};

/** An operator's stake, in units of the stake token. */
export async function getStake(chain: ChainReader, deployment: Deployment, operator: Address): Promise<StakeRecord> {
  const stored = await read(chain, stakeManagerAbi, deployment.addresses.stakeManager, 'stakeOf', [operator]);
  const claimed = stored.locked + stored.debt;
  return { ...stored, free: stored.active > claimed ? stored.active - claimed : 0n };
}
