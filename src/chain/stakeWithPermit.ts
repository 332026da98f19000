import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { stakeManagerAbi } from './generated/StakeManager.ts';
import type { Permit } from './signPermit.ts';

/** Adds what the permit, signed by the sender for the StakeManager, allows to the sender's stake, in one transaction. */
export async function stakeWithPermit(chain: ChainWriter, deployment: Deployment, { value, deadline, v, r, s }: Permit): Promise<Sent> {
  const args = [value, deadline, v, r, s] as const;
  return (await write(chain, stakeManagerAbi, deployment.addresses.stakeManager, 'stakeWithPermit', args)).sent;
}
