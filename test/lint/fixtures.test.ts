import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const home = new URL('../fixtures/', import.meta.url);

test.each(readdirSync(home))('every file of test/fixtures/%s is the one that its notes are about', (folder) => {
  const read = (name: string): Buffer => readFileSync(new URL(`${folder}/${name}`, home));
  const files = readdirSync(new URL(folder, home)).filter((name) => !['README.md', 'SHA256SUMS', 'make.py'].includes(name));
  const sums = files.sort().map((name) => `${createHash('sha256').update(read(name)).digest('hex')}  ${name}\n`);
  expect(read('SHA256SUMS').toString()).toBe(sums.join(''));
  // By name, or by what a row of several files has in common: digits-*.idx.
  const notes = read('README.md').toString();
  expect(files.filter((name) => !notes.includes(name) && !notes.includes(name.replace(/-.*\./, '-*.')))).toEqual([]);
});
