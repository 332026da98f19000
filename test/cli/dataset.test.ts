import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decodeNpy } from '../../src/data/npy.ts';
import { runCli } from '../utils/runCli.ts';
import { useScratch } from '../utils/useScratch.ts';

const scratch = useScratch('dataset');
const seed = `0x${'11'.repeat(32)}`;

async function flowers(folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const rows = Array.from({ length: 40 }, (_, i) => `${i / 10},${(i * 7) % 40},${i % 2 === 0 ? 'rose' : 'tulip'}`);
  await writeFile(join(folder, 'flowers.csv'), `length,width,kind\n${rows.join('\n')}\n`);
  const names = ['--label-column', 'kind', '--class-names', 'rose', 'tulip'];
  return [
    'dataset',
    'import',
    'csv',
    '--features',
    'flowers.csv',
    '--header',
    ...names,
    '--range',
    'columns',
    '--held-out',
    '8',
    '--seed',
    seed,
  ];
}

describe('dataset', () => {
  test('a CSV becomes a blob, and show finds in it what import said', async () => {
    const cwd = join(scratch.path, 'csv');
    const args = await flowers(cwd);
    const imported = await runCli([...args, '--batch', '4', '--out', 'flowers.dataset', '--json'], { home: scratch.path, cwd });
    expect(imported.code).toBe(0);
    const facts = JSON.parse(imported.stdout) as Record<string, unknown>;
    expect(facts).toMatchObject({
      features: 2,
      classes: 2,
      featureBits: 4,
      batch: 4,
      minibatches: 8,
      samples: 32,
      depth: 3,
      shuffleSeed: seed,
    });
    expect(facts['test']).toEqual({ samples: 8, features: 'flowers.dataset.test-features.npy', labels: 'flowers.dataset.test-labels.npy' });
    const test = decodeNpy(await readFile(join(cwd, 'flowers.dataset.test-features.npy')));
    expect(test.shape).toEqual([8, 2]);

    const shown = await runCli(['dataset', 'show', 'flowers.dataset', '--json'], { home: scratch.path, cwd });
    expect(shown.code).toBe(0);
    const seen = JSON.parse(shown.stdout) as Record<string, unknown> & { labels: number[] };
    for (const name of ['root', 'blob', 'features', 'classes', 'minibatches', 'bytes']) expect(seen[name]).toEqual(facts[name]);
    expect(seen.labels.reduce((a, b) => a + b)).toBe(32);
    expect(seen['leavesChecked']).toBe(8);

    const again = await runCli([...args, '--batch', '4', '--out', 'again.dataset', '--json'], { home: scratch.path, cwd });
    expect((JSON.parse(again.stdout) as Record<string, unknown>)['root']).toBe(facts['root']);
    const salted = await runCli([...args, '--batch', '4', '--private', '--out', 'salted.dataset', '--json'], { home: scratch.path, cwd });
    expect((JSON.parse(salted.stdout) as Record<string, unknown>)['root']).not.toBe(facts['root']);
  });

  test('a truncated or edited blob is refused in one line', async () => {
    const cwd = join(scratch.path, 'cut');
    const args = await flowers(cwd);
    expect((await runCli([...args, '--batch', '4', '--out', 'a.dataset'], { home: scratch.path, cwd })).code).toBe(0);
    const blob = await readFile(join(cwd, 'a.dataset'));
    await writeFile(join(cwd, 'cut.dataset'), blob.subarray(0, blob.length - 1));
    const cut = await runCli(['dataset', 'show', 'cut.dataset'], { home: scratch.path, cwd });
    expect(cut.stderr).toMatch(/DATA_BLOB_MALFORMED/);
    expect(cut).toMatchObject({ code: 1, stdout: '' });
    // The first value of the first minibatch: still in range, no longer what the leaf commits to.
    const edited = Uint8Array.from(blob);
    edited[32] = (edited[32] as number) ^ 1;
    await writeFile(join(cwd, 'edited.dataset'), edited);
    const bad = await runCli(['dataset', 'show', 'edited.dataset'], { home: scratch.path, cwd });
    expect(bad.stderr).toMatch(/DATA_LEAF_MISMATCH/);
    expect(bad).toMatchObject({ code: 1, stdout: '' });
  });

  test('a failed import leaves nothing behind', async () => {
    const cwd = join(scratch.path, 'failed');
    const args = await flowers(cwd);
    await writeFile(join(cwd, 'flowers.csv'), 'length,width,kind\n1,2,rose\n3,four,tulip\n');
    const { code, stderr, stdout } = await runCli([...args, '--out', 'x.dataset'], { home: scratch.path, cwd });
    expect(stderr).toContain('error DATA_CSV_MALFORMED');
    expect(stdout).toBe('');
    expect(code).toBe(1);
    await expect(access(join(cwd, 'x.dataset'))).rejects.toThrow('ENOENT');
    expect(await readdir(cwd)).toEqual(['flowers.csv']);
  });

  test('a missing file is named', async () => {
    const { code, stderr } = await runCli(['dataset', 'show', 'nowhere.dataset'], { home: scratch.path });
    expect(stderr).toContain('cannot read nowhere.dataset');
    expect(code).toBe(1);
  });
});
