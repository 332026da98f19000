import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Mutates the Solidity sources one small change at a time and runs the unit tests on each: `node scripts/mutateContracts.ts [CONTRACT...]`.
 *
 * ASSAY_MUTANTS: how many, drawn evenly from a seeded order over all that there are (default 200, `all` for every one); ASSAY_MUTANT_JOBS: how many at
 * once (default 1); ASSAY_MUTANT_SEED. Mutants that do not compile are not counted. Survivors are compared with
 * contracts/test/survivors.json, which gives each known one its reason. Exits 1 below 85 % killed, or where a survivor has no reason.
 */
type Mutant = {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly rule: string;
  readonly from: string;
  readonly to: string;
};

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = join(root, 'contracts', 'src');

/** What was generated, only declares, or is held by tests of its own against real proofs (npm run test:mutants, test:malformed). */
const left = new Set([
  'Modules.sol',
  'AssayGovernor.sol',
  'AuditVerifier.sol',
  'Groth16InferenceVerifier.sol',
  'HonkInferenceVerifier.sol',
  'MembershipVerifier.sol',
  'WellFormedVerifier.sol',
  'WindowVerifier.sol',
]);

/** Libraries that unit tests of the quick profile hold; the others are held by their vectors, and by tests against real proofs. */
const libraries = new Set(['AuditClaims.sol', 'AuditIds.sol', 'Points.sol']);

/** Each rule: a pattern with the mutated text in its first group, and what takes its place. */
const rules: readonly (readonly [name: string, pattern: RegExp, to: (text: string) => string | undefined])[] = [
  ['condition off', /\bif \(((?:[^()]|\((?:[^()]|\([^()]*\))*\))+)\) revert\b/dg, () => 'false'],
  ['boundary', / (<=|>=|<|>) /dg, (text) => ({ '<': '<=', '<=': '<', '>': '>=', '>=': '>' })[text]],
  ['equality', / (==|!=) /dg, (text) => (text === '==' ? '!=' : '==')],
  ['logic', / (&&|\|\|) /dg, (text) => (text === '&&' ? '||' : '&&')],
  ['arithmetic', / ([+*/-]) /dg, (text) => ({ '+': '-', '-': '+', '*': '/', '/': '*' })[text]],
  ['assignment', / (\+=|-=) /dg, (text) => (text === '+=' ? '-=' : '+=')],
  ['negation', /(!)[a-zA-Z_]/dg, () => ''],
  [
    'statement gone',
    /^ {8,}((?:[a-zA-Z_][\w.[\]]*(?:\([^;{}]*\))?(?:\.[\w]+)*(?: (?:\+|-)?= [^;]+)?|delete [^;]+);)$/dgm,
    (text) => (/^(return|emit|revert|uint|bytes|bool|address|I[A-Z])/.test(text) ? undefined : ''),
  ],
  ['event gone', /^ {8,}(emit [^;]+;)$/dgm, () => ''],
  ['guard off', /( (?:only\(\w+\)|nonReentrant))/dg, () => ''],
  ['returned', /\breturn (true|false);/dg, (text) => (text === 'true' ? 'false' : 'true')],
];

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory()
      ? entry.name === 'interfaces'
        ? []
        : filesIn(join(folder, entry.name))
      : folder.endsWith('libraries') && !libraries.has(entry.name)
        ? []
        : [join(folder, entry.name)],
  );
}

/** The source with every comment and string blanked out, character for character. */
const blanked = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|"[^"\n]*"|^import[^;]*;|^pragma[^;]*;/gm, (match) => match.replace(/[^\n]/g, '~'));

function mutantsOf(path: string): (Mutant & { readonly text: string })[] {
  const original = readFileSync(path, 'utf8');
  const code = blanked(original);
  return rules.flatMap(([rule, pattern, replace]) =>
    [...code.matchAll(pattern)].flatMap((match) => {
      const [start, end] = (match.indices as [number, number][])[1] as [number, number];
      const from = original.slice(start, end);
      const to = replace(from);
      if (to === undefined) return [];
      const before = original.slice(0, start).split('\n');
      return [
        {
          file: path.slice(sources.length + 1),
          line: before.length,
          column: (before.at(-1) as string).length + 1,
          rule,
          from,
          to,
          text: original.slice(0, start) + to + original.slice(end),
        },
      ];
    }),
  );
}

/** A number in [0, 1) for each call, the same for one seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function forge(folder: string, args: readonly string[], seconds: number): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(folder, 'scripts', 'forge.ts'), ...args], {
      cwd: folder,
      env: { ...process.env, FOUNDRY_PROFILE: 'quick', FOUNDRY_FUZZ_RUNS: '24' },
      detached: true,
    });
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    // A mutant that loops for ever is noticed, too.
    const timer = setTimeout(() => process.kill(-(child.pid as number), 'SIGKILL'), seconds * 1000);
    child.on('exit', (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? 137, output });
    });
  });
}

function copyOfProject(): string {
  const folder = mkdtempSync(join(tmpdir(), 'assay-mutants-'));
  mkdirSync(join(folder, 'test'), { recursive: true });
  for (const part of [
    'contracts/src',
    'contracts/test',
    'contracts/foundry.toml',
    'contracts/solc.mjs',
    'scripts',
    'test/vectors',
    'package.json',
  ])
    cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

const named = process.argv.slice(2);
const all = filesIn(sources)
  .filter((path) =>
    named.length === 0 ? !left.has(path.split('/').at(-1) as string) : named.some((name) => path.endsWith(`/${name}.sol`)),
  )
  .sort()
  .flatMap(mutantsOf);
const random = seeded(Number(process.env['ASSAY_MUTANT_SEED'] ?? 1));
const shuffled = all.map((mutant) => ({ mutant, at: random() })).sort((a, b) => a.at - b.at);
const wanted = process.env['ASSAY_MUTANTS'] === 'all' ? all.length : Number(process.env['ASSAY_MUTANTS'] ?? 200);
const chosen = shuffled.slice(0, wanted).map(({ mutant }) => mutant);
const known = JSON.parse(readFileSync(join(root, 'contracts', 'test', 'survivors.json'), 'utf8')) as (Mutant & { reason: string })[];
const keyOf = (mutant: Pick<Mutant, 'file' | 'rule' | 'from' | 'to'> & { code: string }): string =>
  [mutant.file, mutant.rule, mutant.from, mutant.to, mutant.code].join('|');

const testArgs = ['test', '--no-match-path', 'contracts/test/invariant/**', '--fail-fast'];
const jobs = Math.max(1, Number(process.env['ASSAY_MUTANT_JOBS'] ?? 1));
let killed = 0;
let invalid = 0;
const survivors: (Mutant & { code: string })[] = [];
let next = 0;

async function work(): Promise<void> {
  const folder = copyOfProject();
  try {
    const { code, output } = await forge(folder, testArgs, 900);
    if (code !== 0) throw new Error(`the unit tests fail without a mutant:\n${output.slice(-4000)}`);
    for (;;) {
      const index = next++;
      const mutant = chosen[index];
      if (mutant === undefined) return;
      const target = join(folder, 'contracts', 'src', mutant.file);
      const original = readFileSync(target, 'utf8');
      writeFileSync(target, mutant.text);
      const run = await forge(folder, testArgs, 300);
      writeFileSync(target, original);
      const compiled = !/Compiler run failed|Error \(\d+\)|Compiler error/.test(run.output);
      const verdict = run.code === 0 ? 'survived' : compiled ? 'killed' : 'invalid';
      if (verdict === 'invalid') invalid++;
      else if (verdict === 'killed') killed++;
      else {
        const { text: _, ...rest } = mutant;
        survivors.push({ ...rest, code: (original.split('\n')[mutant.line - 1] as string).trim() });
      }
      const { file, line, rule, from, to } = mutant;
      process.stderr.write(`${index + 1}/${chosen.length} ${verdict.padEnd(8)} ${file}:${line} ${rule}: ${from} -> ${to}\n`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await Promise.all(Array.from({ length: jobs }, work));
const reasons = new Map(known.map((one) => [keyOf(one as unknown as Mutant & { code: string }), one.reason]));
const unexplained = survivors.filter((survivor) => !reasons.has(keyOf(survivor)));
const counted = killed + survivors.length;
process.stdout.write(
  `${JSON.stringify({ mutants: all.length, run: chosen.length, invalid, killed, survived: survivors.length, percent: Math.round((1000 * killed) / Math.max(1, counted)) / 10, unexplained }, undefined, 2)}\n`,
);
process.exitCode = killed / Math.max(1, counted) < 0.85 || unexplained.length > 0 ? 1 : 0;
