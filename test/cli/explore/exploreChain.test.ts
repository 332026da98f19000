import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { z } from 'zod';
import { registerGenesis } from '../../../src/chain/registerGenesis.ts';
import { transferToken } from '../../../src/chain/transferToken.ts';
import { unbond } from '../../../src/chain/unbond.ts';
import { commands } from '../../../src/cli/commands.ts';
import type { AnyCommand, CommandContext } from '../../../src/cli/framework/command.ts';
import { toJson } from '../../../src/cli/framework/output.ts';
import { plainLines } from '../../../src/cli/framework/plain.ts';
import { resolveSettings } from '../../../src/cli/framework/settings.ts';
import { checkpointId } from '../../../src/commitment/ids.ts';
import {
  auditRow,
  auditView,
  checkpointRow,
  checkpointView,
  curveView,
  eventRow,
  jobRow,
  jobView,
  lineageView,
  metricsView,
  nodeRow,
  nodeView,
  pageOf,
  proofRow,
  proofView,
  recomputeView,
  searchView,
  transactionView,
  windowRow,
  windowView,
} from '../../../src/explorer/views.ts';
import { type ExplorerWorld, explorerWorld } from '../../utils/explorerWorld.ts';
import { type CliResult, runCli, startCli } from '../../utils/runCli.ts';
import { g1Twice, type SettlementStage, stageCid, stageModelId } from '../../utils/settlementStage.ts';
import { useScratch } from '../../utils/useScratch.ts';

const scratch = useScratch('explore');
const hostile = 'CC0\u001b]0;owned\u0007\u009b2J\nfake line';
const harmless = 'CC0\\u{1b}]0;owned\\u{7}\\u{9b}2J\\u{a}fake line';

let world: ExplorerWorld;
let stage: SettlementStage;
let environment: Record<string, string>;
const hostilePoints = [g1Twice, g1Twice] as const;
const hostileId = `0x${checkpointId(stageModelId, hostilePoints).toString(16).padStart(64, '0')}`;
const childId = `0x${101n.toString(16).padStart(64, '0')}`;

const assay = (...args: string[]): Promise<CliResult> => runCli(['explore', ...args], { home: scratch.path, environment });
/** Runs a command within this process: a process each would take most of the time. @returns what it prints, as text and as JSON */
async function run(name: string, input: Record<string, unknown> = {}): Promise<{ text: string; json: string; value: unknown }> {
  const command = commands.find((one) => one.name === `explore ${name}`) as AnyCommand;
  const parsed: Record<string, unknown> = {};
  for (const [key, spec] of [...command.options, ...command.arguments]) parsed[key] = spec.schema.parse(input[key]);
  const printed: string[] = [];
  for (const json of [false, true]) {
    const closing: (() => Promise<void> | void)[] = [];
    const { settings } = await resolveSettings({
      flags: {},
      environment: { ...environment, ASSAY_HOME: join(scratch.path, 'in-process') },
    });
    const context = {
      json,
      settings,
      cleanup: { signal: new AbortController().signal, add: (_: string, action: () => Promise<void>) => closing.push(action) },
      progress: { note: () => undefined, step: (_: string, action: (update: () => void) => unknown) => action(() => undefined) },
    } as unknown as CommandContext;
    try {
      await command.execute(context, parsed, (value, text) => printed.push(json ? toJson(value) : plainLines(text)));
    } finally {
      for (const close of closing) await close();
    }
  }
  const [text = '', json = ''] = printed;
  return { text, json, value: JSON.parse(json) };
}

beforeAll(async () => {
  world = await explorerWorld([new TextEncoder().encode(hostile)]);
  stage = world.stage;
  await registerGenesis(stage.requester, stage.deployment, {
    modelId: stageModelId,
    points: hostilePoints,
    cid: stageCid,
    licence: hostile,
  });
  const deployment = join(scratch.path, 'deployment.json');
  await writeFile(deployment, JSON.stringify(stage.deployment));
  environment = { ASSAY_RPC: stage.anvil.rpcUrl, ASSAY_DEPLOYMENT: deployment };
});

afterAll(() => stage?.close());

it('brings its index up to date, with progress, and shows an overview without colours off a terminal', async () => {
  const { code, stdout, stderr } = await assay('--rebuild');
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('+ bring the index up to date') });
  expect(stdout).toMatch(/windows +\d+ final of \d+ submissions/);
  expect(stdout).not.toContain('\u001b');
});

it('shows what every list leads to, as text and as JSON of the shapes that library and web have', { timeout: 300_000 }, async () => {
  const show = async <T extends z.ZodType>(schema: T, name: string, input?: Record<string, unknown>): Promise<z.infer<T>> => {
    const { text, value } = await run(name, input);
    expect(text).not.toMatch(/undefined|\[object|NaN/);
    return schema.parse(value);
  };
  const jobs = await show(pageOf(jobRow), 'job');
  expect(jobs.items).toHaveLength(4 + world.hostileJobs.length);
  for (const { id } of jobs.items) await show(jobView.extend({ curve: curveView }), 'job', { id });
  const windows = await show(pageOf(windowRow), 'window', { job: '1', limit: '2', newest: true });
  expect(windows.items.map(({ index }) => index)).toEqual([27, 26]);
  for (const window of ['0', '27']) await show(windowView, 'window', { job: '1', window });
  for (const job of ['2', '3', '4']) await show(windowView, 'window', { job, window: '0' });
  const proofs = await show(pageOf(proofRow), 'proof', { limit: '8' });
  expect(proofs.items.map(({ state }) => state)).toContain('rejected');
  for (const { submissionId } of proofs.items) await show(proofView, 'proof', { id: submissionId });
  const nodes = await show(pageOf(nodeRow), 'node');
  for (const { operator } of nodes.items) await show(nodeView, 'node', { address: operator });
  expect((await run('node', { address: stage.bob.cold.account.address })).text).toMatch(/slashes +1\n[\s\S]*false/);
  const checkpoints = await show(pageOf(checkpointRow), 'checkpoint', { limit: '3' });
  for (const { id } of checkpoints.items) await show(checkpointView, 'checkpoint', { id });
  const audits = await show(pageOf(auditRow), 'audit');
  expect(audits.items).toHaveLength(2);
  for (const { id } of audits.items) await show(auditView, 'audit', { id });
  const [{ submitted, submissionId }] = proofs.items as [z.infer<typeof proofRow>];
  const { events } = await show(transactionView, 'tx', { hash: submitted.transaction });
  expect(events.map(({ name }) => name)).toContain('WindowSubmitted');
  const { hits } = await show(searchView, 'search', { text: submissionId.slice(0, 12) });
  expect(hits).toContainEqual(expect.objectContaining({ id: submissionId }));
  expect((await show(metricsView, 'metrics')).counts).toMatchObject({ jobs: jobs.items.length, slashes: 1, audits: 2 });
  expect((await show(recomputeView, 'metrics', { recompute: true })).equal).toBe(true);
});

it('goes through a list by pages', async () => {
  const first = await run('window', { job: '1', limit: '1' });
  const { items, next } = pageOf(windowRow).parse(first.value);
  expect(items).toMatchObject([{ index: 0 }]);
  expect(first.text).toContain(`more: --cursor ${next}`);
  const second = await run('window', { job: '1', limit: '1', cursor: next });
  expect(pageOf(windowRow).parse(second.value)).toMatchObject({ items: [{ index: 1 }] });
  // The control: a page that holds all says nothing of more.
  expect((await run('window', { job: '1', limit: '100' })).text).not.toContain('more:');
});

it('draws the history of a checkpoint, with its merges', async () => {
  const { text, value } = await run('checkpoint', { id: childId, lineage: true });
  expect(lineageView.parse(value).nodes.map(({ kind }) => kind)).toEqual(['window', 'window', 'genesis']);
  const lines = text.split('\n');
  expect(lines.slice(0, 3).map((line) => line[0])).toEqual(['●', '●', '●']);
  expect(lines[0]).toContain('window 1 of job 1');
  expect(lines[2]).toContain('genesis');
  const { items } = pageOf(checkpointRow).parse((await run('checkpoint', { job: '2' })).value);
  const merged = (await run('checkpoint', { id: items[0]?.id, lineage: true })).text.split('\n');
  expect(merged.slice(0, 6).map((line) => line.slice(0, 3).trimEnd())).toEqual(['●', '├─╮', '● │', '│ ●', '├─╯', '●']);
  const part = (await run('checkpoint', { id: childId, lineage: true, depth: '1' })).text;
  expect(part).toMatch(/┆ {2}older history is left out: --cursor \S+/);
});

it('what strangers wrote on chain commands no terminal', async () => {
  const { text, json, value } = await run('checkpoint', { id: hostileId });
  expect(text).toContain(harmless);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
  expect(json).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  expect(checkpointView.parse(value).genesis).toMatchObject([{ licence: hostile }]);
  const [id] = world.hostileJobs;
  expect((await run('job', { id })).text).toContain(harmless);
});

it.each([
  [['job', '99'], 1, 'EXPLORER_NOT_FOUND'],
  [['job', '--rpc', 'http://127.0.0.1:9'], 5, 'CHAIN_RPC_UNREACHABLE'],
] as const)('%j ends with exit code %i', async (args, exitCode, code) => {
  const result = await assay(...args, '--json');
  expect([result.code, JSON.parse(result.stdout).error.code]).toEqual([exitCode, code]);
});

it.each([
  ['proof', { id: 'nonsense' }, 'EXPLORER_ID_INVALID'],
  ['job', { cursor: 'nonsense' }, 'CHAIN_CURSOR_INVALID'],
] as const)('%s %j is wrong usage', async (name, input, code) => {
  await expect(run(name, input)).rejects.toMatchObject({ code, exitCode: 2 });
});

it('watch tells events as they come, and a reorganisation; its index is its own meanwhile', async () => {
  const cli = startCli(['explore', 'watch', '--json'], { home: scratch.path, environment });
  const lines = () =>
    cli.output.stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { type: string; block: number; name: string });
  await cli.stdoutHas('"start"');
  const before = await stage.rpc('evm_snapshot');
  await unbond(stage.carol.cold, stage.deployment, 1n);
  await cli.stdoutHas('"event"');
  eventRow.parse(lines()[1]);
  const locked = await assay('job', '--json');
  expect([locked.code, JSON.parse(locked.stdout).error.code]).toEqual([1, 'STORE_LOCKED']);
  const other = await assay('job', '--json', '--index', join(scratch.path, 'other'));
  expect(other.code).toBe(0);
  await stage.rpc('evm_revert', [before]);
  for (const amount of [1n, 2n])
    await transferToken(stage.requester, stage.deployment.addresses.token, stage.finder.account.address, amount);
  await unbond(stage.carol.cold, stage.deployment, 2n);
  await cli.stdoutHas('"reorg"');
  for (let tries = 0; lines().length < 4 && tries < 500; tries++) await new Promise((resolve) => setTimeout(resolve, 20));
  cli.child.kill('SIGINT');
  expect((await cli.ended).code).toBe(0);
  expect(lines().map(({ type, name }) => name ?? type)).toEqual(['start', 'UnbondingStarted', 'reorg', 'UnbondingStarted']);
}, 300_000);
