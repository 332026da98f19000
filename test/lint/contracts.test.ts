import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { useScratch } from '../utils/useScratch.ts';

const root = resolve(import.meta.dirname, '../..');
const scratch = useScratch('solhint');

/** solhint under the project's rules; rejects with its findings. */
function lint(cwd: string, pattern: string): Promise<string> {
  return new Promise((done, fail) => {
    const args = [join(root, 'node_modules/solhint/solhint.js'), '--max-warnings', '0', '-c', join(root, '.solhint.json'), pattern];
    execFile(process.execPath, args, { cwd }, (error, stdout, stderr) =>
      error === null ? done(stdout) : fail(new Error(stdout + stderr)),
    );
  });
}

test('the contracts keep solhint’s rules', async () => {
  await lint(root, 'contracts/src/**/*.sol');
});

test('which find a planted fault', async () => {
  const contract = (check: string) =>
    `// SPDX-License-Identifier: GPL-3.0-or-later\npragma solidity 0.8.37;\n\ncontract Planted {\n    address private _owner;\n\n    error NotTheOwner();\n\n    function f() external view {\n        if (${check} != _owner) revert NotTheOwner();\n    }\n}\n`;
  await writeFile(join(scratch.path, 'Good.sol'), contract('msg.sender'));
  await writeFile(join(scratch.path, 'Bad.sol'), contract('tx.origin'));
  await lint(scratch.path, 'Good.sol');
  await expect(lint(scratch.path, 'Bad.sol')).rejects.toThrow('avoid-tx-origin');
});

/** The functions of a source that nothing is said of in the line above them. */
const unsaid = (source: string): string[] => [...source.matchAll(/^(?! *\/\/\/).*\n +function (\w+)/gm)].map(([, name]) => name as string);

test('every function of an interface says what it does', async () => {
  const folder = join(root, 'contracts/src/interfaces');
  const files = await readdir(folder);
  expect(files.length).toBeGreaterThan(10);
  const sources = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  expect(sources.flatMap(unsaid)).toEqual([]);
  expect(unsaid('interface I {\n    /// @notice a\n    function a() external;\n\n    function b() external;\n}\n')).toEqual(['b']);
});

test('forge lint finds what docs/security/slither.md explains, and nothing else', async () => {
  const page = await readFile(join(root, 'docs/security/slither.md'), 'utf8');
  const explained: string[] = [];
  for (const [, rule, where] of page.slice(page.indexOf('# forge lint')).matchAll(/^\| ([a-z-]+) \| ([^|]*`[^|]*) \|/gm)) {
    for (const [, contract, count] of (where as string).matchAll(/`(\w+)` (\d+)/g)) explained.push(`${rule} ${contract} ${count}`);
  }
  const output = await new Promise<string>((done, fail) => {
    const args = [join(root, 'scripts/forge.ts'), 'lint', 'contracts/src'];
    execFile(process.execPath, args, { cwd: root, maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
      error === null ? done(stdout + stderr) : fail(error),
    );
  });
  const found = [...output.matchAll(/^\w+\[([a-z-]+)\]:.*\n *╭▸ .*?(\w+)\.sol:/gm)].map(([, rule, contract]) => `${rule} ${contract}`);
  const counted = [...Map.groupBy(found, (one) => one)].map(([one, all]) => `${one} ${all.length}`);
  expect(explained.length).toBeGreaterThan(10);
  expect(counted.sort()).toEqual(explained.sort());
});
