import type { Address } from 'viem';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { eventFrom } from './eventFrom.ts';
import { rewardDistributorAbi } from './generated/RewardDistributor.ts';

export type ClaimParameters = {
  /** Who is paid. Default: the sender. Anyone may send the claim; only the account itself is paid. */
  readonly account?: Address;
  /** Default: the deployment's token. */
  readonly token?: Address;
};

/**
 * Pays out all that an account may claim of a token.
 *
 * @returns amount that was paid: less than was owed only where the token has shrunk
 * @throws CHAIN_NOTHING_TO_CLAIM, CHAIN_UNBACKED (the token has shrunk: only the account itself may claim)
 */
export async function claim(
  chain: ChainWriter,
  deployment: Deployment,
  parameters: ClaimParameters = {},
): Promise<Sent & { amount: bigint }> {
  const { rewardDistributor, token: stakeToken } = deployment.addresses;
  const { account = chain.account.address, token = stakeToken } = parameters;
  const { receipt, sent } = await write(chain, rewardDistributorAbi, rewardDistributor, 'claim', [token, account]);
  return { amount: eventFrom(receipt, rewardDistributorAbi, 'Claimed').paid, ...sent };
}
