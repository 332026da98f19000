import type { LocalAccount } from 'viem';
import { AssayError, exitCodes } from '../../errors.ts';
import { keyDirectory } from './folders.ts';
import type { Settings } from './settings.ts';

export type Signer = {
  /** Default: the setting `key`. */
  readonly key?: string | undefined;
  /** Default: the setting `passwordFile`, else the terminal is asked. */
  readonly passwordFile?: string | undefined;
  /** A devnet's published account in place of a key. */
  readonly devnetAccount?: number | undefined;
};

/**
 * The account that signs: a devnet's published one, or a key of this home, unlocked with its password. The chain is asked first: wanting a password only
 * to find the chain away would be rude.
 *
 * @throws KEY_DEVNET_ONLY (exit 4); what connecting and unlocking throw
 */
export async function unlockSigner(settings: Settings, signer: Signer): Promise<LocalAccount> {
  const { connectChain, devnetChainIds } = await import('../../chain/connectChain.ts');
  const { chainId } = await connectChain({ rpcUrl: settings.rpc });
  if (signer.devnetAccount !== undefined) {
    if (!devnetChainIds.includes(chainId)) {
      throw new AssayError('KEY_DEVNET_ONLY', `chain ${chainId} is no devnet: everybody knows that account's key`, {
        hint: 'Use a key of your own: --key NAME.',
        exitCode: exitCodes.keysNeeded,
      });
    }
    const { devnetAccount } = await import('../../chain/anvil.ts');
    return devnetAccount(signer.devnetAccount);
  }
  const { unlockKey } = await import('../../node/keys.ts');
  const { readPassword } = await import('../../node/readPassword.ts');
  const name = signer.key ?? settings.key;
  const password = await readPassword({ file: signer.passwordFile ?? settings.passwordFile, question: `Password of key "${name}": ` });
  return unlockKey({ directory: keyDirectory(settings), name, password });
}
