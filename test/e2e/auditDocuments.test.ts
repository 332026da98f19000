import { spawn } from 'node:child_process';
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { useScratch } from '../utils/useScratch.ts';
import { testCache } from '../utils/windowFixture.ts';

const root = resolve(import.meta.dirname, '../..');
const scratch = useScratch('audit-documents');

/** A document's blocks of one language, in order: `sh` are its commands, `text` what they print. */
async function blocksOf(document: string, language: 'sh' | 'text'): Promise<string> {
  const text = await readFile(join(root, 'docs/use/audits', document), 'utf8');
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, block]) => block).join('');
}
const commandsOf = (document: string): Promise<string> => blocksOf(document, 'sh');

/** Runs a document as one script, with `assay` on the path, in a folder of its own; nothing that it starts outlives it. */
async function run(name: string, script: string): Promise<{ code: number | null; output: string; folder: string }> {
  const folder = join(scratch.path, name);
  await mkdir(join(folder, 'bin'), { recursive: true });
  await symlink(join(root, 'test'), join(folder, 'test'));
  await writeFile(join(folder, 'bin/assay'), `#!/bin/sh\nexec '${process.execPath}' '${join(root, 'bin/assay.js')}' "$@"\n`);
  await chmod(join(folder, 'bin/assay'), 0o755);
  const clean = Object.fromEntries(Object.entries(process.env).filter(([variable]) => !variable.startsWith('ASSAY_')));
  const child = spawn('bash', ['-euo', 'pipefail', '-c', script], {
    cwd: folder,
    // A group of its own: what runs in the background ends with it.
    detached: true,
    env: {
      ...clean,
      NO_COLOR: '1',
      HOME: folder,
      ASSAY_HOME: join(folder, '.assay'),
      ASSAY_CACHE: testCache(),
      PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  try {
    const code = await new Promise<number | null>((done, fail) => {
      child.on('error', fail);
      child.on('exit', done);
    });
    return { code, output, folder };
  } finally {
    try {
      process.kill(-(child.pid as number), 'SIGKILL');
    } catch {
      // Nothing of it is left.
    }
  }
}

test.each(['medical.md', 'fairness.md', 'digits.md'])(
  '%s: its commands do what it says',
  async (document) => {
    const script = await commandsOf(document);
    expect(script.split('\n').filter((line) => line.startsWith('assay ')).length).toBeGreaterThan(4);
    const { code, output } = await run(document, script);
    expect([code, code === 0 ? '' : output]).toEqual([0, '']);
    const told = (await blocksOf(document, 'text')).split('\n').filter((line) => line !== '');
    expect(told.length > 0).toBe(document !== 'digits.md');
    expect(told.filter((line) => !output.includes(`\n${line}\n`))).toEqual([]);
  },
  900_000,
);

test('a document with a command that fails is found out', async () => {
  const { code } = await run(
    'control',
    `${(await commandsOf('fairness.md')).split('\nassay audit set')[0]}\nassay audit plan --model ./wages --set nowhere.audit\n`,
  );
  expect(code).toBe(1);
}, 300_000);
