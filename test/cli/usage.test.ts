import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli } from '../utils/runCli.ts';
import { useScratch } from '../utils/useScratch.ts';

const scratch = useScratch('usage');
const run = (...args: string[]) => runCli(args, { home: scratch.path });

describe('wrong usage ends with code 2, one clear line, nothing on stdout', () => {
  test.each([
    [['frobnicate'], /CLI_USAGE: unknown command 'frobnicate'\n {2}hint: assay --help lists the commands\./],
    [['config', 'frobnicate'], /CLI_USAGE: unknown command 'frobnicate'\n {2}hint: assay config --help lists its commands\./],
    [['config'], /CLI_USAGE: which command\?\n {2}hint: assay config --help lists its commands\./],
    [['doctor', '--frobnicate'], /CLI_USAGE: unknown option '--frobnicate'\n {2}hint: assay doctor --help lists its options\./],
    [['doctor', 'surplus'], /CLI_USAGE: too many arguments/],
    [['completion'], /CLI_USAGE: missing required argument 'shell'/],
    [['completion', 'powershell'], /CLI_BAD_OPTION: <shell>: .*\(got 'powershell'\)/],
    [['config', 'show', '--rpc', 'not a url'], /CLI_BAD_OPTION: --rpc: expected an http\(s\) URL \(got 'not a url'\)/],
    [['config', 'show', '--threads', '0'], /CLI_BAD_OPTION: --threads: /],
    [['config', 'show', '--ceremony', 'public'], /CLI_BAD_OPTION: the public ceremony needs the folder of its files/],
    [['dataset', 'import', 'mnist'], /CLI_BAD_OPTION: --out is missing/],
    [['dataset', 'import', 'csv', '--out', 'x', '--range', '9:1', '--classes', '2'], /CLI_BAD_OPTION: --range: expected low:high/],
  ])('assay %j', async (args, message) => {
    const { code, stdout, stderr } = await run(...args);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n {4}at /);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  test('with --json the error is the one object on stdout', async () => {
    const { code, stdout } = await run('doctor', '--frobnicate', '--json');
    expect(code).toBe(2);
    const { error } = JSON.parse(stdout) as { error: Record<string, unknown> };
    expect(error['code']).toBe('CLI_USAGE');
    expect(error['message']).toContain('--frobnicate');
    expect(error['hint']).toEqual(expect.any(String));
  });
});

describe('settings', () => {
  type Shown = { settings: { name: string; value: unknown; source: string }[] };
  const show = async (home: string, args: string[], environment: Record<string, string>) => {
    const { code, stdout, stderr } = await runCli(['config', 'show', '--json', ...args], { home, environment });
    expect(stderr).toBe('');
    expect(code).toBe(0);
    return new Map((JSON.parse(stdout) as Shown).settings.map(({ name, value, source }) => [name, { value, source }]));
  };

  test('a flag wins over the environment, that over the file, that over the default', async () => {
    const home = join(scratch.path, 'order');
    await mkdir(join(home, '.assay'), { recursive: true });
    expect((await show(home, [], {})).get('rpc')).toEqual({ value: 'http://127.0.0.1:8545', source: 'default' });
    await writeFile(join(home, '.assay/config.json'), JSON.stringify({ rpc: 'http://file:1', threads: 3 }));
    const fromFile = await show(home, [], {});
    expect(fromFile.get('rpc')).toEqual({ value: 'http://file:1', source: 'file' });
    expect(fromFile.get('threads')).toEqual({ value: 3, source: 'file' });
    expect(fromFile.get('home')).toEqual({ value: join(home, '.assay'), source: 'environment' });
    expect((await show(home, [], { ASSAY_RPC: 'http://env:1' })).get('rpc')).toEqual({ value: 'http://env:1', source: 'environment' });
    const flag = await show(home, ['--rpc', 'https://flag:1'], { ASSAY_RPC: 'http://env:1' });
    expect(flag.get('rpc')).toEqual({ value: 'https://flag:1', source: 'flag' });
  });

  test('common options may stand before the command', async () => {
    const { code, stdout } = await run('--json', '--rpc', 'http://early:1', 'config', 'show');
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as Shown).settings.find(({ name }) => name === 'rpc')?.value).toBe('http://early:1');
  });

  test.each([
    ['{ "rpc": ', /CLI_BAD_CONFIG: .*config\.json is not a valid configuration/],
    ['{ "rcp": "http://x:1" }', /rcp/],
    ['{ "threads": -1 }', /threads: /],
    ['{ "home": "/x" }', /home/],
  ])('a bad file is refused: %s', async (text, message) => {
    const home = join(scratch.path, 'bad');
    await mkdir(join(home, '.assay'), { recursive: true });
    await writeFile(join(home, '.assay/config.json'), text);
    const { code, stdout, stderr } = await runCli(['config', 'show'], { home });
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });
});

test('help that is asked for is no mistake', async () => {
  for (const args of [['--help'], ['help'], ['config', '--help'], ['help', 'config'], ['config', 'help', 'show']]) {
    const { code, stdout, stderr } = await run(...args);
    expect([args, code, stderr]).toEqual([args, 0, '']);
    expect(stdout).toContain('Usage: assay');
  }
});

test('the version is the package’s', async () => {
  const { default: manifest } = await import('../../package.json', { with: { type: 'json' } });
  const { code, stdout } = await run('--version');
  expect(code).toBe(0);
  expect(stdout).toBe(`${manifest.version}\n`);
});

test('completion names every command', async () => {
  const { commands } = await import('../../src/cli/commands.ts');
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, stdout } = await run('completion', shell);
    expect(code).toBe(0);
    for (const { name } of commands) for (const word of name.split(' ')) expect(stdout).toContain(word);
  }
});
