import { z } from 'zod';
import type { KeyInfo } from '../../node/keys.ts';
import { defineCommand } from '../framework/command.ts';
import { keyDirectory } from '../framework/folders.ts';
import { columns } from '../framework/output.ts';

type Input = { readonly name: string | undefined };

export const keyNew = defineCommand<Input, KeyInfo>({
  name: 'key new',
  summary: 'make a key in an encrypted keystore',
  description:
    'Makes an EVM key and keeps it as a web3 v3 keystore (mode 0600), under a password from the terminal or from --password-file. A key is never read ' +
    'from arguments or the environment.',
  arguments: { name: { flags: '[name]', description: 'name of the key (default: the setting --key)', schema: z.string().optional() } },
  examples: ['assay key new worker', 'assay key new worker --password-file ./worker.password --json'],
  async run({ settings, progress }, { name = settings.key }) {
    const { createKey } = await import('../../node/keys.ts');
    const { readPassword } = await import('../../node/readPassword.ts');
    const password = await readPassword({ file: settings.passwordFile, question: `New password of key "${name}": `, confirm: true });
    return progress.step('encrypt the key', () => createKey({ directory: keyDirectory(settings), name, password }));
  },
  render: ({ name, address, path }) =>
    columns([
      ['name', name],
      ['address', address],
      ['file', path],
    ]),
});
