import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { unlockKey } from '../../src/node/keys.ts';
import { runCli } from '../utils/runCli.ts';
import { useScratch } from '../utils/useScratch.ts';

const scratch = useScratch('key');
const password = 'correct horse battery staple';

async function home(name: string): Promise<{ home: string; keys: string; passwordFile: string }> {
  const folder = join(scratch.path, name);
  await mkdir(folder);
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  return { home: folder, keys: join(folder, '.assay', 'keys'), passwordFile };
}

describe('key', () => {
  test('new makes a private keystore that the password opens; list names it', async () => {
    const { home: folder, keys, passwordFile } = await home('new');
    const made = await runCli(['key', 'new', 'worker', '--password-file', passwordFile, '--json'], { home: folder });
    expect(made.code).toBe(0);
    const info = JSON.parse(made.stdout) as { name: string; address: string; path: string };
    expect(info).toEqual({ name: 'worker', address: expect.stringMatching(/^0x[0-9a-fA-F]{40}$/), path: join(keys, 'worker.json') });
    expect((await stat(info.path)).mode & 0o777).toBe(0o600);
    const text = await readFile(info.path, 'utf8');
    expect(text).not.toContain(password);
    const account = await unlockKey({ directory: keys, name: 'worker', password });
    expect(account.address).toBe(info.address);

    const listed = await runCli(['key', 'list', '--json'], { home: folder });
    expect(JSON.parse(listed.stdout)).toEqual({ directory: keys, keys: [{ ...info, address: info.address.toLowerCase() }] });

    const again = await runCli(['key', 'new', 'worker', '--password-file', passwordFile], { home: folder });
    expect(again.stderr).toContain('KEY_EXISTS');
    expect(again.code).toBe(1);
    expect(await readFile(info.path, 'utf8')).toBe(text);
  });

  test('without a terminal and without a file it says what is needed, exit code 4, and makes nothing', async () => {
    const { home: folder, keys } = await home('noTerminal');
    const { code, stdout, stderr } = await runCli(['key', 'new', 'worker'], { home: folder });
    expect(stderr).toContain('KEY_NO_TERMINAL');
    expect(stdout).toBe('');
    expect(code).toBe(4);
    await expect(readdir(keys)).rejects.toThrow('ENOENT');
  });

  test('a password file that others can read is refused, exit code 4', async () => {
    const { home: folder, passwordFile } = await home('permissions');
    await chmod(passwordFile, 0o644);
    const { code, stderr } = await runCli(['key', 'new', 'worker', '--password-file', passwordFile], { home: folder });
    expect(stderr).toContain('KEY_PERMISSIONS');
    expect(code).toBe(4);
  });

  test('a bad name is wrong usage', async () => {
    const { home: folder, passwordFile } = await home('name');
    const { code, stderr } = await runCli(['key', 'new', '../worker', '--password-file', passwordFile], { home: folder });
    expect(stderr).toContain('KEY_NAME');
    expect(code).toBe(2);
  });

  test('an empty home has no keys', async () => {
    const { home: folder } = await home('empty');
    const { code, stdout } = await runCli(['key', 'list'], { home: folder });
    expect(stdout).toContain('no keys in');
    expect(code).toBe(0);
  });
});
