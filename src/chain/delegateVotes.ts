import type { Address } from 'viem';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { assayTokenAbi } from './generated/AssayToken.ts';

/**
 * Lets an account vote with all ASSAY that the sender has and will have; whoever has not delegated, to itself at least, has no vote. Staked ASSAY does not vote.
 *
 * @param delegate Default: the sender
 */
export async function delegateVotes(chain: ChainWriter, deployment: Deployment, delegate: Address = chain.account.address): Promise<Sent> {
  const { sent } = await write(chain, assayTokenAbi, deployment.addresses.token, 'delegate', [delegate]);
  return sent;
}
