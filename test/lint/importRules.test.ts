import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

type Violation = { rule: { name: string }; from: string; to: string };

/** Runs the project's own rules over a tree of small files and returns what they found. */
async function cruise(directory: string, files: Record<string, string>): Promise<Set<string>> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), text);
  }
  const cruiser = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [cruiser, '--config', join(root, '.dependency-cruiser.cjs'), '--output-type', 'json', 'src'];
  const output = await new Promise<string>((done, fail) => {
    execFile(process.execPath, args, { cwd: directory, maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
      stdout === '' ? fail(error ?? new Error(stderr)) : done(stdout),
    );
  });
  const { summary } = JSON.parse(output) as { summary: { violations: Violation[] } };
  return new Set(summary.violations.map((v) => `${v.rule.name}: ${v.from} -> ${v.to}`));
}

const constant = (imports: string): string => `${imports}\nexport const x = 1;\n`;

/** A small tree that keeps every rule, with one file a room. */
const honest = {
  'src/errors.ts': constant(''),
  'src/commitment/a.ts': constant("import { x as e } from '../errors.ts'; export const y = e;"),
  'src/quant/a.ts': constant("import { y } from '../commitment/a.ts'; export const z = y;"),
  'src/data/a.ts': constant("import { z } from '../quant/a.ts'; export const y = z;"),
  'src/model/a.ts': constant("import { z } from '../quant/a.ts'; export const y = z;"),
  'src/train/a.ts': constant("import { y } from '../data/a.ts'; export const w = y;"),
  'src/proof/a.ts': constant("import { y } from '../model/a.ts'; export const w = y;"),
  'src/proof/verifier.ts': 'export type Verifier = { verify(): boolean }; export const v = 1;\n',
  'src/protocol/a.ts': constant("import type { Verifier } from '../proof/verifier.ts'; export type V = Verifier;"),
  'src/chain/a.ts': constant("import { x as p } from '../protocol/a.ts'; export const y = p;"),
  'src/net/a.ts': constant(''),
  'src/store/a.ts': constant(''),
  'src/node/a.ts': constant("import { y } from '../chain/a.ts'; import { x as n } from '../net/a.ts'; export const z = [y, n];"),
  'src/audit/a.ts': constant(''),
  'src/explorer/a.ts': constant(''),
  'src/cli/a.ts': constant("import { z } from '../node/a.ts'; export const y = z;"),
  'src/index.ts': "export { z } from './node/a.ts';\n",
  'test/a.ts': constant(''),
  'scripts/a.ts': constant(''),
  'package.json': '{ "type": "module", "dependencies": {} }\n',
};

/** Planted violations: file, its text, and the finding that the rules must report. */
const planted: readonly (readonly [file: string, text: string, finding: string])[] = [
  ['src/commitment/up.ts', "import { y } from '../data/a.ts';", 'direction-commitment: src/commitment/up.ts -> src/data/a.ts'],
  ['src/quant/up.ts', "import type { w } from '../train/a.ts';", 'direction-quant: src/quant/up.ts -> src/train/a.ts'],
  ['src/data/sibling.ts', "import { y } from '../model/a.ts';", 'direction-data: src/data/sibling.ts -> src/model/a.ts'],
  ['src/model/sibling.ts', "import { y } from '../data/a.ts';", 'direction-model: src/model/sibling.ts -> src/data/a.ts'],
  ['src/train/sibling.ts', "export { w } from '../proof/a.ts';", 'direction-train: src/train/sibling.ts -> src/proof/a.ts'],
  ['src/proof/sibling.ts', "const l = () => import('../train/a.ts');", 'direction-proof: src/proof/sibling.ts -> src/train/a.ts'],
  ['src/protocol/up.ts', "import { y } from '../chain/a.ts';", 'direction-protocol: src/protocol/up.ts -> src/chain/a.ts'],
  [
    'src/protocol/impl.ts',
    "import { w } from '../proof/a.ts';",
    'protocol-knows-only-the-verifier: src/protocol/impl.ts -> src/proof/a.ts',
  ],
  ['src/protocol/io.ts', "import { readFileSync } from 'node:fs';", 'protocol-does-no-io: src/protocol/io.ts -> fs'],
  ['src/chain/sibling.ts', "import { x as n } from '../net/a.ts';", 'direction-chain: src/chain/sibling.ts -> src/net/a.ts'],
  ['src/net/sibling.ts', "import { x as n } from '../store/a.ts';", 'direction-net: src/net/sibling.ts -> src/store/a.ts'],
  ['src/store/sibling.ts', "import { x as n } from '../chain/a.ts';", 'direction-store: src/store/sibling.ts -> src/chain/a.ts'],
  ['src/node/up.ts', "import { y } from '../cli/a.ts';", 'cli-is-the-top: src/node/up.ts -> src/cli/a.ts'],
  ['src/audit/sibling.ts', "import { x as n } from '../explorer/a.ts';", 'direction-audit: src/audit/sibling.ts -> src/explorer/a.ts'],
  ['src/cli/barrel.ts', "import { z } from '../index.ts';", 'direction-cli: src/cli/barrel.ts -> src/index.ts'],
  ['src/node/tests.ts', "import { x as t } from '../../test/a.ts';", 'production-imports-no-tests: src/node/tests.ts -> test/a.ts'],
  ['src/node/script.ts', "import { x as t } from '../../scripts/a.ts';", 'production-imports-no-tests: src/node/script.ts -> scripts/a.ts'],
  ['src/attic/a.ts', "import { x as e } from '../errors.ts';", 'known-room: src/attic/a.ts -> src/errors.ts'],
  ['src/node/missing.ts', "import { x as m } from './nowhere.ts';", 'resolvable: src/node/missing.ts -> ./nowhere.ts'],
  ['src/net/ring1.ts', "import { x as r } from './ring2.ts';", 'no-circular: src/net/ring1.ts -> src/net/ring2.ts'],
  ['src/net/ring2.ts', "import { x as r } from './ring1.ts';", 'no-circular: src/net/ring1.ts -> src/net/ring2.ts'],
];

describe('import rules', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'assay-rules-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  test('a tree that keeps them passes', async () => {
    expect(await cruise(join(directory, 'honest'), honest)).toEqual(new Set());
  });

  test('each planted violation is found, and nothing else', async () => {
    const files: Record<string, string> = { ...honest };
    for (const [file, text] of planted) files[file] = constant(text);
    const found = await cruise(join(directory, 'planted'), files);
    for (const [, , finding] of planted) expect(found).toContain(finding);
    // The same line may break a second rule (a room below cli that imports cli); no honest file may be named.
    for (const line of found) expect(planted.some(([file]) => line.includes(`: ${file} -> `))).toBe(true);
  });

  test('the verifier interface pulls in no backend', async () => {
    const files = { ...honest, 'src/proof/verifier.ts': constant("import { w } from './a.ts';") };
    expect(await cruise(join(directory, 'verifier'), files)).toContain('verifier-is-an-interface: src/proof/verifier.ts -> src/proof/a.ts');
  });

  test('errors.ts imports nothing of the project', async () => {
    const files = { ...honest, 'src/errors.ts': constant("import { x as n } from './net/a.ts';") };
    expect(await cruise(join(directory, 'errors'), files)).toContain('errors-stand-alone: src/errors.ts -> src/net/a.ts');
  });
});
