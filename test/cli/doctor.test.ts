import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli } from '../utils/runCli.ts';
import { useScratch } from '../utils/useScratch.ts';

const scratch = useScratch('doctor');
type Diagnosis = { healthy: boolean; checks: { name: string; status: string; detail: string; hint?: string }[] };

async function diagnose(args: string[], environment: Record<string, string> = {}) {
  const { code, stdout, stderr } = await runCli(['doctor', '--json', ...args], { home: scratch.path, environment });
  expect(stderr).toBe('');
  const diagnosis = JSON.parse(stdout) as Diagnosis;
  return { code, diagnosis, check: (name: string) => diagnosis.checks.find((c) => c.name === name) };
}

describe('doctor', () => {
  test('is content with the machine that runs the tests', async () => {
    const { code, diagnosis, check } = await diagnose([]);
    expect(diagnosis.checks.map(({ name }) => name)).toEqual([
      'node',
      'platform',
      'memory',
      'home',
      'disk',
      'prover',
      'trainer',
      'anvil',
      'data',
      'ceremony',
      'circuits',
      'port',
    ]);
    for (const { status, hint } of diagnosis.checks) expect(status === 'ok' || hint !== undefined).toBe(true);
    expect(check('prover')).toMatchObject({ status: 'ok', detail: expect.stringContaining('bb') });
    expect(check('data')?.status).toBe('ok');
    expect(diagnosis.healthy).toBe(true);
    expect(code).toBe(0);
  });

  test('a home that cannot be made is a failure, exit code 1', async () => {
    const file = join(scratch.path, 'a-file');
    await writeFile(file, '');
    const { code, diagnosis, check } = await diagnose(['--home', join(file, 'home'), '--cache', scratch.path]);
    expect(check('home')?.status).toBe('fail');
    expect(diagnosis.healthy).toBe(false);
    expect(code).toBe(1);
  });

  test('a bb that does not run is a failure', async () => {
    const { code, check } = await diagnose([], { BB_BINARY_PATH: '/bin/false' });
    expect(check('prover')).toMatchObject({ status: 'fail', hint: expect.any(String) });
    expect(code).toBe(1);
  });

  test('a public ceremony without its files is a failure', async () => {
    const { code, check } = await diagnose(['--ceremony', 'public', '--srs', join(scratch.path, 'nothing')]);
    expect(check('ceremony')?.status).toBe('fail');
    expect(code).toBe(1);
  });

  test('a taken port is a warning', async () => {
    const server = createServer();
    // Another test, or a devnet of the user, may hold the port: then it is taken already.
    await new Promise<void>((done) => {
      server.once('error', () => done());
      server.listen(8545, '127.0.0.1', () => done());
    });
    const { code, check } = await diagnose([]);
    server.close();
    expect(check('port')).toMatchObject({ status: 'warn', hint: expect.stringContaining('--port') });
    expect(code).toBe(0);
  });
});
