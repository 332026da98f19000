import type { Address } from 'viem';
import { claim } from '../chain/claim.ts';
import { getClaimable } from '../chain/getClaimable.ts';
import { AssayError } from '../errors.ts';
import type { Role } from './openRole.ts';
import type { Emit } from './roleEvent.ts';

/** Claims what an account has earned in the stake token, where there is anything; anyone may send a claim, only the account is paid. */
export async function collect(role: Role, account: Address, emit: Emit): Promise<void> {
  const { chain, deployment } = role;
  if ((await getClaimable(chain, deployment, account)) === 0n) return;
  try {
    const { amount } = await claim(chain, deployment, { account });
    emit({ event: 'claimed', account, amount: amount.toString() });
  } catch (error) {
    // Somebody else sent the claim a moment before: the account is paid all the same.
    if (!(error instanceof AssayError) || error.code !== 'CHAIN_NOTHING_TO_CLAIM') throw error;
  }
}
