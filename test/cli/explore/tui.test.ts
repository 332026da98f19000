import { stripVTControlCharacters } from 'node:util';
import { render } from 'ink-testing-library';
import { createElement } from 'react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { App } from '../../../src/cli/explore/tui/app.ts';
import { type FakeExplorer, fakeExplorer, fakeIds } from '../../utils/fakeExplorer.ts';

// Read when colours are loaded: so the test that there are none has something to find.
vi.hoisted(() => {
  process.env['FORCE_COLOR'] = '1';
});

const keys = {
  enter: '\r',
  escape: '\u001b',
  left: '\u001b[D',
  right: '\u001b[C',
  down: '\u001b[B',
  up: '\u001b[A',
  tab: '\t',
  backspace: '\u007f',
};

let explorer: FakeExplorer;
let shown: ReturnType<typeof render>;

const frame = (): string => stripVTControlCharacters(shown.lastFrame() ?? '');
/** Resolves once the screen has it. */
async function sees(text: string | RegExp): Promise<string> {
  for (let tries = 0; tries < 4_000; tries++) {
    if (typeof text === 'string' ? frame().includes(text) : text.test(frame())) return frame();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`never seen: ${text}\n${frame()}`);
}
const press = async (key: string): Promise<void> => {
  shown.stdin.write(key);
  // A lone escape is waited for: it may be the beginning of another key.
  await new Promise((resolve) => setTimeout(resolve, key === keys.escape ? 150 : 30));
};
const resize = (columns: number, rows: number): void => {
  Object.defineProperty(shown.stdout, 'columns', { configurable: true, value: columns });
  Object.defineProperty(shown.stdout, 'rows', { configurable: true, value: rows });
  shown.stdout.emit('resize');
};
const start = (text?: string, colours = false): void => {
  explorer = fakeExplorer(text);
  shown = render(createElement(App, { explorer, colours }));
  resize(80, 24);
};

beforeEach(() => start());
afterEach(() => shown.unmount());

it('lists jobs and moves to every other list by arrows, tab and number', async () => {
  await sees('active');
  expect(frame()).toMatch(/assay explorer {2}chain \d+ {2}block \d+/);
  await press(keys.right);
  await sees(/submission +job +window/);
  await press(keys.tab);
  await sees(/operator +units +stake/);
  await press('4');
  await sees(/block +slashed +for/);
  await press('5');
  await sees(/metric +value +unit/);
  await press(keys.right);
  await sees(/job +state +final/);
  await press(keys.left);
  await sees(/metric +value +unit/);
});

it('opens what is selected, moves in it, and comes back', async () => {
  await sees('active');
  await press(keys.enter);
  const top = await sees(`job ${fakeIds.job}`);
  expect(top).toMatch(/lines 1 to \d+ of \d+/);
  await press(keys.down);
  await sees(/lines 2 to/);
  await press(keys.up);
  await sees(/lines 1 to/);
  await press(keys.escape);
  await sees(/job +state +final/);
});

it('searches, and opens what it finds', async () => {
  await sees('active');
  await press('/');
  await sees('/_');
  // Letters are text here, not keys.
  for (const letter of 'q?') await press(letter);
  await sees('/q?_');
  await press(keys.backspace);
  await press(keys.backspace);
  await press(fakeIds.job);
  await press(keys.enter);
  await sees('> job');
  await press(keys.enter);
  await sees('in escrow');
  await press(keys.escape);
  await press(keys.escape);
  await sees(/job +state +final/);
});

it('takes keys faster than it draws, and a pasted Enter', async () => {
  await sees('active');
  shown.stdin.write(keys.right);
  shown.stdin.write(keys.right);
  await sees(/operator +units +stake/);
  shown.stdin.write('/');
  shown.stdin.write(`${fakeIds.job}\r`);
  await sees('> job');
  shown.stdin.write(keys.enter);
  await sees('in escrow');
});

it('has a help, and leaves it by any key', async () => {
  await sees('active');
  await press('?');
  await sees('page down');
  await press('x');
  await sees(/job +state +final/);
});

it('fits any size: no line is longer, no frame is higher', async () => {
  await sees('active');
  for (const [columns, rows] of [
    [80, 24],
    [40, 10],
    [200, 60],
  ] as const) {
    resize(columns, rows);
    for (const open of [false, true]) {
      if (open) await press(keys.enter);
      await sees(open ? 'esc back' : /job +state +final/);
      const height = (): number => frame().split('\n').length;
      for (let tries = 0; tries < 4_000 && height() !== rows - 1; tries++) await new Promise((resolve) => setTimeout(resolve, 10));
      const lines = frame().split('\n');
      expect({ columns, open, lines: lines.length }).toEqual({ columns, open, lines: rows - 1 });
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
      if (open) await press(keys.escape);
    }
  }
});

it('follows the chain', async () => {
  await sees('active');
  const { jobs } = explorer;
  const page = await jobs();
  explorer.jobs = async () => ({ ...page, items: page.items.map((job) => ({ ...job, state: 'completed' as const })) });
  const { items } = await explorer.events();
  explorer.happen(items[0] as never);
  await sees('completed');
});

it('tells an error of the node, and goes on', async () => {
  shown.unmount();
  explorer = fakeExplorer();
  const { jobs } = explorer;
  explorer.jobs = () => Promise.reject(new Error('no answer from \u001b[31mhere'));
  shown = render(createElement(App, { explorer, colours: false }));
  resize(100, 24);
  await sees('! no answer from \\u{1b}[31mhere');
  explorer.jobs = jobs;
  explorer.happen((await explorer.events()).items[0] as never);
  await sees('active');
});

it('shows nothing of what strangers wrote that would command the terminal', async () => {
  shown.unmount();
  start('ev\u001b]0;owned\u0007il\u009b2J\u202e');
  await sees('active');
  const visited: string[] = [];
  for (const tab of '12345') {
    await press(tab);
    await press(keys.enter);
    await sees('esc back');
    await new Promise((resolve) => setTimeout(resolve, 100));
    resize(300, 200);
    await new Promise((resolve) => setTimeout(resolve, 100));
    visited.push(shown.lastFrame() ?? '');
    resize(80, 24);
    await press(keys.escape);
  }
  // The text was there, and is harmless.
  expect(visited.join('\n')).toContain('ev\\u{1b}]0;owned\\u{7}il\\u{9b}2J\\u{202e}');
  for (const seen of [...visited, ...shown.frames]) {
    // What ink itself writes are colours and styles only.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
    expect(seen.replace(/\u001b\[[0-9;]*m/g, '')).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  }
});

it('writes colours only where they are wanted', async () => {
  await sees('active');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
  const coloured = /\u001b\[3[0-7]m/;
  expect(shown.frames.some((seen) => coloured.test(seen))).toBe(false);
  shown.unmount();
  start(undefined, true);
  await sees('active');
  expect(shown.frames.some((seen) => coloured.test(seen))).toBe(true);
});

it('quits with q', async () => {
  await sees('active');
  const { frames } = shown;
  await press('q');
  const after = frames.length;
  explorer.happen((await explorer.events()).items[0] as never);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(frames.length).toBe(after);
});
