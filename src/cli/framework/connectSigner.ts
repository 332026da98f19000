import { z } from 'zod';
import type { ChainWriter } from '../../chain/connectChain.ts';
import { AssayError, exitCodes } from '../../errors.ts';
import type { InputSpec } from './command.ts';
import { keyDirectory } from './folders.ts';
import type { Settings } from './settings.ts';

/** The option of every command that signs: on a devnet no keystore is needed. */
export const devnetAccountOption: InputSpec<number | undefined> = {
  flags: '--devnet-account <number>',
  description: "sign with a devnet's published account, 0 to 9, in place of a key; refused on any other chain",
  schema: z.coerce.number().int().min(0).max(9).optional(),
};

/**
 * Connects to the chain with the account that signs: the devnet's published one, or the key of the settings, unlocked with its password.
 *
 * @throws KEY_DEVNET_ONLY (exit 4); what connecting and unlocking throw
 */
export async function connectSigner(settings: Settings, devnetAccountNumber: number | undefined): Promise<ChainWriter> {
  const { connectChain, devnetChainIds } = await import('../../chain/connectChain.ts');
  const rpcUrl = settings.rpc;
  if (devnetAccountNumber !== undefined) {
    const { devnetAccount } = await import('../../chain/anvil.ts');
    const chain = await connectChain({ rpcUrl, account: devnetAccount(devnetAccountNumber) });
    if (!devnetChainIds.includes(chain.chainId)) {
      throw new AssayError('KEY_DEVNET_ONLY', `chain ${chain.chainId} is no devnet: everybody knows that account's key`, {
        hint: 'Use a key of your own: --key NAME.',
        exitCode: exitCodes.keysNeeded,
      });
    }
    return chain;
  }
  // Asking for a password only to find the chain away would be rude.
  await connectChain({ rpcUrl });
  const { unlockKey } = await import('../../node/keys.ts');
  const { readPassword } = await import('../../node/readPassword.ts');
  const name = settings.key;
  const password = await readPassword({ file: settings.passwordFile, question: `Password of key "${name}": ` });
  return connectChain({ rpcUrl, account: await unlockKey({ directory: keyDirectory(settings), name, password }) });
}
