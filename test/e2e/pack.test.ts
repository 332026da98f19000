import { execFile } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { useScratch } from '../utils/useScratch.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const scratch = useScratch('pack');

/** npm sets these for what it runs; a second npm would take them for its own settings. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const drop = /^(npm_(lifecycle|package|config_(local_prefix|global_prefix|prefix|ignore_scripts))|ASSAY_|INIT_CWD)/i;
  const kept = Object.entries(process.env).filter(([name]) => !drop.test(name));
  return { ...Object.fromEntries(kept), NO_COLOR: '1', PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}` };
}

describe('the package', () => {
  let folder: string;
  let files: string[];

  beforeAll(async () => {
    folder = join(scratch.path, 'empty');
    await mkdir(folder);
    const options = { env: cleanEnvironment(), maxBuffer: 1 << 26 };
    const pack = ['pack', '--ignore-scripts=false', '--json', '--pack-destination', scratch.path];
    const { stdout } = await run('npm', pack, { ...options, cwd: root });
    const [packed] = Object.values(JSON.parse(stdout) as Record<string, { filename: string; files: { path: string }[] }>);
    if (packed === undefined) throw new Error(`npm pack said ${stdout}`);
    files = packed.files.map(({ path }) => path);
    await writeFile(join(folder, 'package.json'), '{ "name": "somebody", "version": "1.0.0", "type": "module", "private": true }\n');
    // Without optional packages: the fallbacks must carry, and it is quick.
    const flags = ['--ignore-scripts', '--omit=optional', '--prefer-offline', '--no-audit', '--no-fund'];
    await run('npm', ['install', ...flags, join(scratch.path, packed.filename)], { ...options, cwd: folder });
  });

  test('holds the build, circuits, contracts, docs and licence, and no sources, tests or caches', () => {
    for (const file of [
      'bin/assay.js',
      'dist/src/cli/main.js',
      'dist/src/index.d.ts',
      'circuits/circuits.json',
      'web/style.css',
      'web/page.js',
      'LICENSE',
      'README.md',
      'SECURITY.md',
    ]) {
      expect(files).toContain(file);
    }
    expect(files.filter((file) => /^(src|test|scripts|\.ci|node_modules)\//.test(file))).toEqual([]);
    expect(files.filter((file) => file.startsWith('dist/') && !/\.(js|d\.ts|json)$/.test(file))).toEqual([]);
  });

  test('its assay runs where it was installed', async () => {
    const env = { ...cleanEnvironment(), ASSAY_HOME: join(folder, 'home') };
    const { stdout } = await run('npx', ['--no-install', 'assay', 'doctor', '--json'], { cwd: folder, env });
    const { healthy, checks } = JSON.parse(stdout) as { healthy: boolean; checks: { name: string; status: string }[] };
    expect(healthy).toBe(true);
    const status = Object.fromEntries(checks.map((check) => [check.name, check.status]));
    expect(status).toMatchObject({ node: 'ok', prover: 'ok', data: 'ok', trainer: 'warn' });
    const { stdout: help } = await run('npx', ['--no-install', 'assay', '--help'], { cwd: folder, env });
    expect(help).toContain('Usage: assay');
  });

  test('its dataset import works on the MNIST that came with it', async () => {
    const env = { ...cleanEnvironment(), ASSAY_HOME: join(folder, 'home') };
    const args = ['--no-install', 'assay', 'dataset', 'import', 'mnist', '--limit', '64', '--out', 'mnist.dataset', '--json'];
    const { stdout } = await run('npx', args, { cwd: folder, env });
    expect(JSON.parse(stdout)).toMatchObject({ samples: 64, features: 196, minibatches: 4 });
    expect(await readdir(folder)).toContain('mnist.dataset');
  });

  test('its library is imported by name, with types', async () => {
    const program = `import { AssayError, defaultSpec, genesisWeights, weightBits, type ArithmeticSpec } from 'assay';
const spec: ArithmeticSpec = defaultSpec(4);
const weights: Int32Array[] = genesisWeights(spec, [4, 3, 2], '0x${'01'.repeat(32)}');
try {
  genesisWeights(spec, [], '0x');
} catch (error) {
  if (!(error instanceof AssayError)) throw error;
  console.log(weightBits(spec), weights.map((layer) => layer.length).join(), error.code);
}
`;
    await writeFile(join(folder, 'program.ts'), program);
    const ran = await run(process.execPath, ['program.ts'], { cwd: folder, env: cleanEnvironment() });
    expect(ran.stdout).toBe('13 15,8 MODEL_ARCHITECTURE_INVALID\n');

    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const flags = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2024', '--ignoreConfig'];
    const typeRoots = ['--typeRoots', join(root, 'node_modules/@types'), '--types', 'node'];
    const check = (file: string) => run(process.execPath, [tsc, ...flags, ...typeRoots, file], { cwd: folder, env: cleanEnvironment() });
    await check('program.ts');
    // The control: the types are really the package's.
    await writeFile(join(folder, 'wrong.ts'), program.replace('defaultSpec(4)', "defaultSpec('four')"));
    await expect(check('wrong.ts')).rejects.toMatchObject({
      stdout: expect.stringContaining("'string' is not assignable to parameter of type 'number'"),
    });
  });
});
