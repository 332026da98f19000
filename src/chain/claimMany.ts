import { type Address, parseEventLogs } from 'viem';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { rewardDistributorAbi } from './generated/RewardDistributor.ts';

/**
 * `claim` for each pair of token and account (at most 64): one that fails is skipped and stays claimable.
 *
 * @returns how many succeeded
 * @throws CHAIN_TOO_MANY_CLAIMS
 */
export async function claimMany(
  chain: ChainWriter,
  deployment: Deployment,
  claims: readonly { readonly token: Address; readonly account: Address }[],
): Promise<Sent & { succeeded: number }> {
  const { receipt, sent } = await write(chain, rewardDistributorAbi, deployment.addresses.rewardDistributor, 'claimMany', [
    claims.map(({ token }) => token),
    claims.map(({ account }) => account),
  ]);
  const claimed = parseEventLogs({ abi: rewardDistributorAbi, eventName: 'Claimed', logs: receipt.logs });
  return { succeeded: claimed.length, ...sent };
}
