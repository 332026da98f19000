import type { Address } from 'viem';
import { getAddress, isAddress } from 'viem';
import { z } from 'zod';
import type { ChainReader } from '../../chain/connectChain.ts';
import type { Deployment } from '../../chain/deployment.ts';
import type { InputSpec } from '../framework/command.ts';

export const accountOption: InputSpec<Address | undefined> = {
  flags: '--account <address>',
  description: 'an operator, requester or other account (default: the one of --key or --devnet-account)',
  schema: z
    .string()
    .refine((text) => isAddress(text), 'expected an address')
    .transform((text) => getAddress(text))
    .optional(),
};

/** The account, and the operator whose hot key it is: rewards of windows go to the operator, a finder's part to whoever showed the evidence. */
export async function payees(chain: ChainReader, deployment: Deployment, account: Address): Promise<readonly Address[]> {
  const { getHotKeyOwner } = await import('../../chain/getHotKeyOwner.ts');
  const operator = await getHotKeyOwner(chain, deployment, account);
  return operator === undefined || operator === account ? [account] : [account, operator];
}
