import { describe, expect, test } from 'vitest';
import { commands, groups } from '../../src/cli/commands.ts';
import { settingNames, settingsTable } from '../../src/cli/framework/settings.ts';
import { runCli } from '../utils/runCli.ts';
import { useScratch } from '../utils/useScratch.ts';

const scratch = useScratch('help');
const longFlag = (flags: string): string => (/--[a-z-]+/.exec(flags) ?? [''])[0];

describe('help', () => {
  test('lists every group and every command without one', async () => {
    const { code, stdout, stderr } = await runCli(['--help'], { home: scratch.path });
    expect(code).toBe(0);
    expect(stderr).toBe('');
    for (const { name } of groups) expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
    for (const { name, summary } of commands.filter((c) => !c.name.includes(' '))) {
      expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
      expect(stdout).toContain(summary.slice(0, 20));
    }
  });

  test('no group is empty', () => {
    for (const { name } of groups) expect(commands.some((c) => c.name.startsWith(`${name} `))).toBe(true);
  });

  test.each(commands.map((command) => [command.name, command] as const))('%s: text, options and an example', async (name, command) => {
    const { code, stdout } = await runCli([...name.split(' '), '--help'], { home: scratch.path });
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: assay ${name}`);
    expect(stdout).toMatch(/\nExamples?:\n {2}\$ /);
    for (const flag of ['--json', ...settingNames.map((s) => longFlag(settingsTable[s].flag))]) expect(stdout).toContain(flag);
    for (const [, { flags }] of command.options) expect(stdout).toContain(longFlag(flags));
  });

  test.each(commands.flatMap(({ name, examples, options }) => examples.map((line) => [line, name, options] as const)))(
    'example is this command with flags that it has: %s',
    (line, name, options) => {
      expect(line).toMatch(new RegExp(`(^|[ (])assay ${name}( |\\)|$)`));
      const known = new Set([
        '--json',
        '--debug',
        ...settingNames.map((s) => longFlag(settingsTable[s].flag)),
        ...options.map(([, o]) => longFlag(o.flags)),
      ]);
      for (const flag of line.match(/(?<= )--[a-z-]+/g) ?? []) expect(known).toContain(flag);
    },
  );
});
