import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keepParts } from '../../src/audit/once.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'assay-once-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

test('a part is proved once, anew where it is about something else or damaged', async () => {
  const folder = join(home, 'kept');
  let proofs = 0;
  const prove = async (): Promise<{ proof: number }> => ({ proof: ++proofs });
  const first = keepParts(folder);
  expect(await first.once('chunk-0', 'this', prove)).toEqual({ proof: 1 });
  expect(first.kept).toEqual([]);
  const second = keepParts(folder);
  expect(await second.once('chunk-0', 'this', prove)).toEqual({ proof: 1 });
  expect(await second.once('chunk-0', 'that', prove)).toEqual({ proof: 2 });
  expect(second.kept).toEqual(['chunk-0']);
  for (const name of await readdir(folder)) await writeFile(join(folder, name), '{');
  const third = keepParts(folder);
  expect(await third.once('chunk-0', 'this', prove)).toEqual({ proof: 3 });
  expect(third.kept).toEqual([]);
});

test('only its own parts are discarded, and the folder where it was theirs alone', async () => {
  const folder = join(home, 'parts');
  const prove = async (): Promise<number> => 1;
  await keepParts(folder).once('chunk-1', 'another audit', prove);
  const [foreign] = (await readdir(folder)) as [string];
  const parts = keepParts(folder);
  await parts.once('chunk-0', 'this', prove);
  await parts.once('chunk-1', 'this', prove);
  const [own] = (await readdir(folder)).filter((name) => name.startsWith('chunk-0')) as [string];
  // A write that was cut short, and what somebody else keeps there.
  await writeFile(join(folder, `${own}.123.partial`), '{"about"');
  await writeFile(join(folder, 'thesis.txt'), 'three years of work');
  await parts.discard();
  expect((await readdir(folder)).sort()).toEqual([foreign, 'thesis.txt'].sort());
  expect(await readFile(join(folder, 'thesis.txt'), 'utf8')).toBe('three years of work');

  const alone = join(home, 'alone');
  const theirs = keepParts(alone);
  await theirs.once('segment-0', 'this', prove);
  await theirs.discard();
  expect(await readdir(home)).not.toContain('alone');
  await keepParts(join(home, 'never made')).discard();
});
