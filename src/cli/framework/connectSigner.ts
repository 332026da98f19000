import { z } from 'zod';
import type { ChainWriter } from '../../chain/connectChain.ts';
import type { InputSpec } from './command.ts';
import type { Settings } from './settings.ts';
import { unlockSigner } from './unlockSigner.ts';

export const devnetAccountNumber = z.coerce.number().int().min(0).max(9).optional();

/** The option of every command that signs: on a devnet no keystore is needed. */
export const devnetAccountOption: InputSpec<number | undefined> = {
  flags: '--devnet-account <number>',
  description: "sign with a devnet's published account, 0 to 9, in place of a key; refused on any other chain",
  schema: devnetAccountNumber,
};

/**
 * Connects to the chain with the account that signs: the devnet's published one, or the key of the settings, unlocked with its password.
 *
 * @throws KEY_DEVNET_ONLY (exit 4); what connecting and unlocking throw
 */
export async function connectSigner(settings: Settings, devnetAccount: number | undefined): Promise<ChainWriter> {
  const account = await unlockSigner(settings, { devnetAccount });
  const { connectChain } = await import('../../chain/connectChain.ts');
  return connectChain({ rpcUrl: settings.rpc, account });
}
