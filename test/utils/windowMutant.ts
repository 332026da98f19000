import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CircuitInstance } from '../../src/proof/circuitInstance.ts';
import { noirSource } from '../../src/proof/compileCircuit.ts';
import { packagePath } from '../../src/proof/packagePath.ts';
import type { CompiledProgram } from '../../src/proof/solveWitness.ts';

/** A change of one place in the circuit's sources. */
export type SourceEdit = {
  /** A file of circuits/noir/lib/src, or main.nr, which the generator writes. */
  readonly file: string;
  /** Text that stands there exactly once. */
  readonly from: string;
  readonly to: string;
};

/** Sources of a Noir instance: the library's files and main.nr. */
export function circuitSources(instance: CircuitInstance): Record<string, string> {
  const folder = packagePath('circuits/noir/lib/src');
  const sources: Record<string, string> = { 'main.nr': noirSource(instance) };
  for (const name of readdirSync(folder)) sources[name] = readFileSync(join(folder, name), 'utf8');
  return sources;
}

/**
 * Compiles altered copies of an instance's circuit, by name. The sources of the product are not touched.
 *
 * @throws where an edit does not apply to exactly one place, or a copy does not compile
 */
export async function compileMutants<Name extends string>(
  instance: CircuitInstance,
  mutants: Readonly<Record<Name, readonly SourceEdit[]>>,
): Promise<Record<Name, CompiledProgram>> {
  const root = mkdtempSync(join(tmpdir(), 'assay-mutants-'));
  try {
    const sources = circuitSources(instance);
    const names = Object.keys(mutants) as Name[];
    const folders = names.map((name, i) => {
      const folder = join(root, String(i));
      const edited = { ...sources };
      for (const { file, from, to } of mutants[name]) {
        const parts = (edited[file] ?? '').split(from);
        if (parts.length !== 2) throw new Error(`${name}: ${parts.length - 1} places in ${file} say: ${from}`);
        edited[file] = parts.join(to);
      }
      writePackage(folder, edited);
      return folder;
    });
    await runCompiler(folders);
    const entries = names.map((name, i) => {
      const program = JSON.parse(readFileSync(join(folders[i] as string, 'program.json'), 'utf8')) as CompiledProgram | null;
      if (program === null) throw new Error(`the mutant "${name}" does not compile`);
      return [name, program] as const;
    });
    return Object.fromEntries(entries) as Record<Name, CompiledProgram>;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Writes a Noir package and its library below `folder`, as compileCircuit does. */
export function writePackage(folder: string, sources: Readonly<Record<string, string>>): void {
  mkdirSync(join(folder, 'main', 'src'), { recursive: true });
  mkdirSync(join(folder, 'lib', 'src'), { recursive: true });
  writeFileSync(
    join(folder, 'main', 'Nargo.toml'),
    '[package]\nname = "main"\ntype = "bin"\nauthors = [""]\n\n[dependencies]\nassay = { path = "../lib" }\n',
  );
  writeFileSync(join(folder, 'lib', 'Nargo.toml'), readFileSync(packagePath('circuits/noir/lib/Nargo.toml')));
  for (const [name, text] of Object.entries(sources)) {
    writeFileSync(name === 'main.nr' ? join(folder, 'main', 'src', name) : join(folder, 'lib', 'src', name), text);
  }
}

/** One process for all: most of the time of a small compilation is the compiler's start. */
export function runCompiler(folders: readonly string[]): Promise<void> {
  const child = fork(fileURLToPath(new URL('./windowMutant.child.ts', import.meta.url)), [...folders], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: ['--max-old-space-size=8192', '--no-warnings'],
  });
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-4000);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`the compiler ended with ${code}: ${stderr}`))));
  });
}
