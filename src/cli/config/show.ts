import { defineCommand } from '../framework/command.ts';
import { columns } from '../framework/output.ts';
import { type SettingName, type SettingSource, settingNames } from '../framework/settings.ts';

type Shown = {
  readonly file: string;
  readonly settings: readonly { readonly name: SettingName; readonly value: string | number | null; readonly source: SettingSource }[];
};

export const configShow = defineCommand<object, Shown>({
  name: 'config show',
  summary: 'show every setting, and where it comes from',
  description: 'A flag wins over the environment, the environment over the configuration file, the file over the default.',
  examples: ['assay config show', 'ASSAY_RPC=http://127.0.0.1:9545 assay config show --json'],
  async run({ resolved }) {
    const settings = settingNames.map((name) => ({ name, value: resolved.settings[name] ?? null, source: resolved.sources[name] }));
    return { file: resolved.file, settings };
  },
  render({ file, settings }) {
    return `${columns(settings.map(({ name, value, source }) => [name, source, String(value ?? '-')]))}\n\nfile: ${file}`;
  },
});
