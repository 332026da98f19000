import type { KeyInfo } from '../../node/keys.ts';
import { defineCommand } from '../framework/command.ts';
import { keyDirectory } from '../framework/folders.ts';
import { columns } from '../framework/output.ts';

type Listed = { readonly directory: string; readonly keys: readonly KeyInfo[] };

export const keyList = defineCommand<object, Listed>({
  name: 'key list',
  summary: 'list the keys of this home folder',
  description: 'Names and addresses; nothing is unlocked.',
  examples: ['assay key list'],
  async run({ settings }) {
    const { listKeys } = await import('../../node/keys.ts');
    const directory = keyDirectory(settings);
    return { directory, keys: await listKeys(directory) };
  },
  render: ({ directory, keys }) =>
    keys.length === 0 ? `no keys in ${directory}` : columns(keys.map(({ name, address, path }) => [name, address, path])),
});
