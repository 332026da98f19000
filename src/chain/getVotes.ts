import { type Address, zeroAddress } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { assayTokenAbi } from './generated/AssayToken.ts';

export type Votes = {
  /** What was delegated to the account, in units of 1e-18 ASSAY. */
  readonly votes: bigint;
  /** Who votes with what the account has itself; undefined if nobody does. */
  readonly delegate: Address | undefined;
};

/** How many votes an account has now. */
export async function getVotes(chain: ChainReader, deployment: Deployment, account: Address): Promise<Votes> {
  const { token } = deployment.addresses;
  const [votes, delegate] = await Promise.all([
    read(chain, assayTokenAbi, token, 'getVotes', [account]),
    read(chain, assayTokenAbi, token, 'delegates', [account]),
  ]);
  return { votes, delegate: delegate === zeroAddress ? undefined : delegate };
}
