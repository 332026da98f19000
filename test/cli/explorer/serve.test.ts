import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli, startCli } from '../../utils/runCli.ts';
import { type SettlementStage, startSettlementStage } from '../../utils/settlementStage.ts';
import { useScratch } from '../../utils/useScratch.ts';

const scratch = useScratch('explorer-serve');

describe('assay explorer serve', () => {
  let stage: SettlementStage;
  let environment: Record<string, string>;

  beforeAll(async () => {
    stage = await startSettlementStage();
    await stage.activeJob(stage.eagerTerms);
    const manifest = join(scratch.path, 'deployment.json');
    await mkdir(join(scratch.path, '.assay'), { recursive: true });
    await writeFile(manifest, JSON.stringify(stage.deployment));
    environment = { ASSAY_RPC: stage.anvil.rpcUrl, ASSAY_DEPLOYMENT: manifest };
  });
  afterAll(() => stage?.close());

  it('prints one line of JSON with its address, serves pages and API, and ends in order', async () => {
    const serving = startCli(['explorer', 'serve', '--port', '0', '--json'], { home: scratch.path, environment });
    await serving.stdoutHas('\n');
    const facts = JSON.parse(serving.output.stdout) as { url: string; api: string; openapi: string; host: string; port: number };
    expect(facts).toMatchObject({ host: '127.0.0.1', url: `http://127.0.0.1:${facts.port}/` });
    const job = await fetch(`${facts.api}/jobs/1`);
    expect(await job.json()).toMatchObject({ id: '1', state: 'active', windows: 2 });
    expect(await (await fetch(`${facts.url}job/1`)).text()).toContain('Job 1');
    expect(await (await fetch(facts.openapi)).json()).toMatchObject({ openapi: '3.1.0' });
    expect((await fetch(`${facts.url}assets/uplot.js`)).status).toBe(200);
    serving.child.kill('SIGINT');
    const { code, stdout } = await serving.ended;
    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(1);
    await expect(fetch(facts.url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });

  it('says so where it can be reached from elsewhere, and takes the name of a proxy', async () => {
    const args = ['explorer', 'serve', '--port', '0', '--host', '0.0.0.0', '--allow-host', 'explorer.example.org'];
    const serving = startCli(args, { home: scratch.path, environment });
    await serving.stdoutHas('Ctrl-C ends it');
    expect(serving.output.stderr).toContain('can be reached from other machines');
    serving.child.kill('SIGINT');
    expect((await serving.ended).code).toBe(0);
  });

  it.each([
    [['--port', '70000'], 2, 'CLI_BAD_OPTION'],
    [['--host', 'example.org'], 2, 'CLI_BAD_OPTION'],
    [['--allow-host', 'http://x/'], 2, 'CLI_BAD_OPTION'],
    [['--rpc', 'http://127.0.0.1:1'], 5, 'CHAIN_RPC_UNREACHABLE'],
  ])('refuses %j', async (flags, exitCode, errorCode) => {
    const { code, stdout } = await runCli(['explorer', 'serve', '--port', '0', '--json', ...flags], { home: scratch.path, environment });
    expect(code).toBe(exitCode);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: errorCode } });
  });

  it('refuses a port that is taken', async () => {
    const port = new URL(stage.anvil.rpcUrl).port;
    const { code, stdout } = await runCli(['explorer', 'serve', '--port', port, '--json'], { home: scratch.path, environment });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'CLI_PORT_TAKEN' } });
  });
});
