/**
 * Runs every check of the project: formatting and lint, import rules, types, generated ABIs, contracts, vitest.
 * All of them run even if one fails. The last line is `N passed, N failed, N skipped`; the exit code is 0 only without a failure.
 *
 *     npm test
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import type { Totals } from '../test/utils/totalsReporter.ts';

const root = resolve(import.meta.dirname, '..');
const environment = { ...process.env, PATH: `${join(root, 'node_modules/.bin')}${delimiter}${process.env['PATH'] ?? ''}` };

type Outcome = { code: number; stdout: string; stderr: string };

/** Runs a program in the project's folder. What it says is returned, or with `shown` goes straight to the terminal. */
function run(command: readonly string[], extra: Record<string, string> = {}, shown = false): Promise<Outcome> {
  return new Promise((done) => {
    const [program = '', ...args] = command;
    const child = spawn(program, args, {
      cwd: root,
      env: { ...environment, ...extra },
      stdio: shown ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
    });
    const said = { stdout: '', stderr: '' };
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
    child.on('error', (error) => done({ code: 127, stdout: '', stderr: `${program}: ${error.message}\n` }));
    child.on('close', (code) => done({ code: code ?? 1, ...said }));
  });
}

const totals: Totals = { passed: 0, failed: 0, skipped: 0, skips: [], failures: [] };

function add(part: Totals): void {
  totals.passed += part.passed;
  totals.failed += part.failed;
  totals.skipped += part.skipped;
  totals.skips.push(...part.skips);
  totals.failures.push(...part.failures);
}

function announce(name: string): void {
  console.log(`\n== ${name}`);
}

/** What runs beside others is told when it is done, whole. */
async function timed(name: string, action: () => Promise<string>): Promise<void> {
  const start = performance.now();
  const text = await action();
  if (text !== '') announce(name);
  process.stdout.write(text);
  console.log(`   ${name}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
}

/** A check without tests of its own counts as one. */
async function check(name: string, command: readonly string[]): Promise<void> {
  await timed(name, async () => {
    const { code, stdout, stderr } = await run(command);
    if (code === 0) totals.passed++;
    else {
      totals.failed++;
      totals.failures.push(`${name} (exit code ${code})`);
    }
    return stdout + stderr;
  });
}

type ForgeReport = Record<string, { test_results: Record<string, { status: string; reason?: string | null }> }>;

/**
 * Suites whose contracts do not compile without the IR pipeline; the quick profile leaves them out. Compiling every suite by it, in WebAssembly, takes a
 * quarter of an hour, so those that can do without do: what is deployed is tested by these, by the traces beside the model and by whatever runs on a
 * chain. `npm run test:contracts` takes them all by the IR.
 */
const irSuites =
  'contracts/test/unit/{AuditStatements,Groth16InferenceVerifier,HonkStatements,VerifierRouterFacts,WellFormedRegistry}.t.sol';

async function forgeTests(name: string, args: readonly string[], environment: Record<string, string>): Promise<void> {
  await timed(name, async () => {
    const { code, stdout, stderr } = await run(['node', 'scripts/forge.ts', 'test', '--json', ...args], environment);
    const before = totals.failed;
    const line = stdout.split('\n').findLast((l) => l.startsWith('{'));
    let counted = 0;
    if (line !== undefined) {
      const report = JSON.parse(line) as ForgeReport;
      for (const [contract, { test_results: results }] of Object.entries(report)) {
        for (const [name, { status, reason }] of Object.entries(results)) {
          counted++;
          const test = `${contract} > ${name}`;
          if (status === 'Success') totals.passed++;
          else if (status === 'Skipped') {
            totals.skipped++;
            totals.skips.push({ name: test, reason: reason ?? 'no reason given' });
          } else {
            totals.failed++;
            totals.failures.push(`${test}: ${reason ?? 'failed'}`);
          }
        }
      }
    }
    let text = stderr;
    if (counted === 0 || (code !== 0 && totals.failed === before)) {
      text += stdout;
      totals.failed++;
      totals.failures.push(`${name}: forge gave ${counted} results and exit code ${code}`);
    }
    return `${text}   ${counted} contract tests\n`;
  });
}

async function vitest(): Promise<void> {
  announce('vitest');
  await timed('vitest', async () => {
    const scratch = mkdtempSync(join(tmpdir(), 'assay-test-'));
    const file = join(scratch, 'totals.json');
    const command = ['vitest', 'run', '--reporter=default', '--reporter=./test/utils/totalsReporter.ts'];
    const { code } = await run(command, { ASSAY_TEST_TOTALS: file }, true);
    const part: Totals | undefined = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Totals) : undefined;
    rmSync(scratch, { recursive: true, force: true });
    if (part !== undefined) add(part);
    if (part === undefined || part.passed + part.failed === 0 || (code !== 0 && part.failed === 0)) {
      totals.failed++;
      totals.failures.push(`vitest: ${part === undefined ? 'no report' : 'ended badly'}, exit code ${code}`);
    }
    return '';
  });
}

const start = performance.now();
// Compilers take one core, so two rows of checks run side by side.
await Promise.all([
  (async () => {
    await check('generated ABIs', ['node', 'scripts/gen-abi.ts', '--check']);
    await forgeTests('contracts by the IR', ['--match-path', irSuites], {});
  })(),
  (async () => {
    await check('lint', ['biome', 'check', '.']);
    await check('import rules', ['depcruise', '--config', '.dependency-cruiser.cjs', 'src']);
    await check('types', ['tsc', '--noEmit']);
    await check('generated docs', ['node', 'scripts/gen-docs.ts', '--check']);
    await forgeTests('contracts', [], { FOUNDRY_PROFILE: 'quick' });
  })(),
]);
await vitest();

announce('summary');
for (const { name, reason } of totals.skips) console.log(`skipped: ${name} (${reason})`);
for (const name of totals.failures) console.log(`failed: ${name}`);
console.log(`${((performance.now() - start) / 1000).toFixed(0)} s`);
process.exitCode = totals.failed === 0 ? 0 : 1;
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
