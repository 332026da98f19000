import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Deployment } from '../../src/chain/deployment.ts';
import { runCli, startCli } from '../utils/runCli.ts';
import { useScratch } from '../utils/useScratch.ts';

const scratch = useScratch('devnet');
type Facts = { rpc: string; chainId: number; deployment: Deployment; manifest: string; accounts: string[] };

async function codeAt(rpc: string, address: string): Promise<string> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_getCode', params: [address, 'latest'] });
  const response = await fetch(rpc, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  return ((await response.json()) as { result: string }).result;
}

const isUp = (rpc: string) =>
  codeAt(rpc, `0x${'00'.repeat(20)}`).then(
    () => true,
    () => false,
  );

/** A port that nobody answers at: it was free a moment ago. */
async function deadPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}

async function newHome(name: string): Promise<string> {
  const home = join(scratch.path, name);
  await mkdir(home);
  return home;
}

describe('devnet up', () => {
  test('runs a chain with the contracts on it; one Ctrl-C ends both, exit code 0', async () => {
    const home = await newHome('up');
    const devnet = startCli(['devnet', 'up', '--port', '0', '--json'], { home });
    await devnet.stdoutHas('\n');
    const facts = JSON.parse(devnet.output.stdout) as Facts;
    expect(facts.chainId).toBe(31337);
    expect(facts.accounts).toHaveLength(10);
    for (const address of Object.values(facts.deployment.addresses)) expect((await codeAt(facts.rpc, address)).length).toBeGreaterThan(10);
    expect(JSON.parse(await readFile(facts.manifest, 'utf8'))).toEqual(facts.deployment);

    // A second deployment on the same chain: it needs --force, then it stands beside the first.
    const args = ['deploy', '--rpc', facts.rpc, '--devnet-account', '1', '--json'];
    const refused = await runCli(args, { home });
    expect(refused.code).toBe(2);
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'CLI_FILE_EXISTS' } });
    expect(JSON.parse(await readFile(facts.manifest, 'utf8'))).toEqual(facts.deployment);
    const second = await runCli([...args, '--force'], { home });
    expect(second.code).toBe(0);
    const { addresses } = JSON.parse(second.stdout) as Deployment;
    expect(addresses.jobManager).not.toBe(facts.deployment.addresses.jobManager);
    expect((await codeAt(facts.rpc, addresses.jobManager)).length).toBeGreaterThan(10);

    // A taken port: one line, nothing started, the first devnet untouched.
    const taken = await runCli(['devnet', 'up', '--port', new URL(facts.rpc).port], { home });
    expect(taken.stderr).toMatch(/error CHAIN_PORT_TAKEN: port \d+ is taken\n/);
    expect(taken).toMatchObject({ code: 5, stdout: '' });
    expect(await isUp(facts.rpc)).toBe(true);

    devnet.child.kill('SIGINT');
    const { code, stdout } = await devnet.ended;
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual(facts);
    expect(await isUp(facts.rpc)).toBe(false);
  });

  test('two signals in a row end both at once', async () => {
    const devnet = startCli(['devnet', 'up', '--port', '0', '--json'], { home: await newHome('twice') });
    await devnet.stdoutHas('\n');
    const { rpc } = JSON.parse(devnet.output.stdout) as Facts;
    expect(await isUp(rpc)).toBe(true);
    // The second signal must not wait for what the first began.
    devnet.child.kill('SIGINT');
    devnet.child.kill('SIGTERM');
    const { code } = await devnet.ended;
    expect([0, 130]).toContain(code);
    expect(await isUp(rpc)).toBe(false);
  });

  test('will not replace the manifest of another chain', async () => {
    const home = await newHome('other');
    const up = startCli(['devnet', 'up', '--port', '0', '--json'], { home });
    await up.stdoutHas('\n');
    const { manifest, deployment } = JSON.parse(up.output.stdout) as Facts;
    up.child.kill('SIGINT');
    expect((await up.ended).code).toBe(0);
    await writeFile(manifest, JSON.stringify({ ...deployment, chainId: 1, profile: 'public' }));
    const { code, stderr } = await runCli(['devnet', 'up', '--port', '0'], { home });
    expect(stderr).toContain('is the manifest of chain 1');
    expect(code).toBe(2);
    expect(JSON.parse(await readFile(manifest, 'utf8'))).toMatchObject({ chainId: 1 });
  });
});

describe('deploy', () => {
  test.each([[['--devnet-account', '0']], [['--key', 'nobody']]])('to a dead endpoint: exit code 5, no manifest (%j)', async (signer) => {
    const home = await newHome(`dead${signer[0]}`);
    const { code, stdout, stderr } = await runCli(['deploy', '--rpc', `http://127.0.0.1:${await deadPort()}`, ...signer], { home });
    expect(stderr).toMatch(/error CHAIN_RPC_UNREACHABLE: no answer from http:\/\/127\.0\.0\.1:\d+\n {2}hint: /);
    expect(stdout).toBe('');
    expect(code).toBe(5);
    await expect(readFile(join(home, '.assay/deployment.json'))).rejects.toThrow('ENOENT');
  });

  test('the published accounts sign on no other chain than a devnet, exit code 4', async () => {
    // A chain that says it is number 1.
    const { createServer: createHttpServer } = await import('node:http');
    const methods: string[] = [];
    const server = createHttpServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        const { id, method } = JSON.parse(body) as { id: number; method: string };
        methods.push(method);
        response.end(JSON.stringify({ jsonrpc: '2.0', id, result: '0x1' }));
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const rpc = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
    const { code, stderr } = await runCli(['deploy', '--rpc', rpc, '--devnet-account', '0'], { home: await newHome('mainnet') });
    server.close();
    expect(stderr).toContain('KEY_DEVNET_ONLY');
    expect(code).toBe(4);
    expect(methods).toEqual(['eth_chainId']);
  });
});
