import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { stakeManagerAbi } from './generated/StakeManager.ts';

/** Starts unbonding free stake. Throws CHAIN_STAKE_TOO_SMALL. */
export async function unbond(chain: ChainWriter, deployment: Deployment, amount: bigint): Promise<Sent> {
  const { sent } = await write(chain, stakeManagerAbi, deployment.addresses.stakeManager, 'unbond', [amount]);
  return sent;
}
