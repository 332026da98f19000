import { afterEach, describe, expect, it, vi } from 'vitest';
import { commands } from '../../../src/cli/commands.ts';
import type { AnyCommand, CommandContext } from '../../../src/cli/framework/command.ts';
import { toJson } from '../../../src/cli/framework/output.ts';
import { plainLines } from '../../../src/cli/framework/plain.ts';
import type { Explorer } from '../../../src/explorer/explorer.ts';
import { fakeExplorer, fakeIds } from '../../utils/fakeExplorer.ts';

// What every command prints, of an explorer that has one of everything; the real one is tried on a chain in exploreChain.test.ts.
let explorer: Explorer = fakeExplorer();
vi.mock('../../../src/cli/explore/openCommandExplorer.ts', () => ({ openCommandExplorer: async () => explorer }));

const context = (json: boolean): CommandContext =>
  ({
    json,
    cleanup: { signal: new AbortController().signal },
    progress: { note: () => undefined, step: (_: string, action: (update: () => void) => unknown) => action(() => undefined) },
  }) as unknown as CommandContext;

/** Runs a command as its line would. */
async function run(
  name: string,
  input: Record<string, unknown> = {},
  json = false,
): Promise<{ code: number; out: string; value: unknown }> {
  const command = commands.find((one) => one.name === name) as AnyCommand;
  const parsed: Record<string, unknown> = {};
  for (const [key, spec] of [...command.options, ...command.arguments]) parsed[key] = spec.schema.parse(input[key]);
  let out = '';
  let value: unknown;
  const code = await command.execute(context(json), parsed, (result, text) => {
    value = result;
    out = json ? toJson(result) : plainLines(text);
  });
  return { code, out, value };
}

/** Every command that ends on its own, in each of its forms. */
const forms: readonly (readonly [string, Record<string, unknown>])[] = [
  ['explore', {}],
  ['explore job', {}],
  ['explore job', { id: fakeIds.job }],
  ['explore window', { job: fakeIds.job }],
  ['explore window', { job: fakeIds.job, window: '0' }],
  ['explore proof', {}],
  ['explore proof', { id: fakeIds.proof }],
  ['explore node', {}],
  ['explore node', { address: fakeIds.node }],
  ['explore checkpoint', {}],
  ['explore checkpoint', { id: fakeIds.checkpoint }],
  ['explore checkpoint', { id: fakeIds.checkpoint, lineage: true }],
  ['explore audit', {}],
  ['explore audit', { id: fakeIds.audit }],
  ['explore tx', { hash: fakeIds.transaction }],
  ['explore search', { text: '3' }],
  ['explore metrics', {}],
  ['explore metrics', { recompute: true }],
];

afterEach(() => {
  explorer = fakeExplorer();
});

const hostile = 'ev\u001b]0;owned\u0007il\u001b[2J\u009b31m\r\nfake line\u202e\u200b';
const harmless = 'ev\\u{1b}]0;owned\\u{7}il\\u{1b}[2J\\u{9b}31m\\u{d}\\u{a}fake line\\u{202e}\\u{200b}';
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
const commanding = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069]/;

describe.each(forms)('%s %j', (name, input) => {
  it('prints text, and JSON of the same', async () => {
    const text = await run(name, input);
    expect(text.code).toBe(0);
    expect(text.out.length).toBeGreaterThan(10);
    expect(text.out).not.toMatch(/undefined|\[object|NaN/);
    const json = await run(name, input, true);
    expect(json.code).toBe(0);
    expect(JSON.parse(json.out)).toEqual(JSON.parse(JSON.stringify(json.value)));
  });

  it('prints nothing of what strangers wrote that commands a terminal', async () => {
    explorer = fakeExplorer(hostile);
    const text = await run(name, input);
    expect(text.out).not.toMatch(commanding);
    expect(text.out.split('\n').some((line) => line.startsWith('fake line'))).toBe(false);
    const json = await run(name, input, true);
    expect(json.out).not.toMatch(commanding);
    // JSON says exactly what was written, all the same.
    if (toJson(json.value).includes('owned')) expect(JSON.stringify(JSON.parse(json.out))).toContain(JSON.stringify(hostile).slice(1, -1));
  });
});

it('hostile text is shown where it was written', async () => {
  explorer = fakeExplorer(hostile);
  for (const [name, input] of [
    ['explore job', { id: fakeIds.job }],
    ['explore tx', { hash: fakeIds.transaction }],
    ['explore checkpoint', { id: fakeIds.checkpoint }],
    ['explore search', { text: '3' }],
  ] as const) {
    expect((await run(name, input)).out).toContain(harmless);
  }
});

it('ids are short, and full with --wide', async () => {
  expect((await run('explore proof', {})).out).not.toContain(fakeIds.proof);
  expect((await run('explore proof', { wide: true })).out).toContain(fakeIds.proof);
});

it('text ends with the page that shows the same, under the base that was asked for', async () => {
  expect((await run('explore job', { id: fakeIds.job, url: 'https://explorer.example/assay/' })).out).toMatch(
    /\nhttps:\/\/explorer\.example\/assay\/job\/3$/,
  );
  expect((await run('explore proof', { id: fakeIds.proof })).out).toContain(`/proof/${fakeIds.proof}`);
});

it('a list says how to go on', async () => {
  expect((await run('explore window', { job: fakeIds.job })).out).toContain('more: --cursor 120.1');
  const limits: (number | undefined)[] = [];
  const { proofs } = explorer;
  explorer.proofs = (query) => {
    limits.push(query?.limit);
    return proofs(query);
  };
  await run('explore proof', { limit: '7' });
  expect(limits).toEqual([7]);
});

it.each([true, false])('a verdict of %s decides the exit code of --verify', async (verified) => {
  explorer.verifyStored = async (submissionId) => ({
    submissionId,
    verified,
    failures: verified ? [] : ['the proof does not verify'],
    circuit: 'train-window-16-8-4',
    ceremony: 'dev',
    statement: [{ name: 'context', value: '1', text: 'the lease' }],
    source: 'calldata',
    transaction: fakeIds.transaction,
    seconds: 1.5,
  });
  const { code, out } = await run('explore proof', { id: fakeIds.proof, verify: true });
  expect(code).toBe(verified ? 0 : 3);
  expect(out).toContain(verified ? 'verified' : '! the proof does not verify');
});

it('an index that differs from the chain is a failure', async () => {
  const { recompute } = explorer;
  explorer.recompute = async () => ({ ...(await recompute()), equal: false });
  const { code, out } = await run('explore metrics', { recompute: true });
  expect(code).toBe(1);
  expect(out).toContain('DIFFERS');
});

it('the live view refuses to run without a terminal', async () => {
  await expect(run('explore', { tui: true })).rejects.toMatchObject({ code: 'EXPLORE_NO_TERMINAL', exitCode: 2 });
});
