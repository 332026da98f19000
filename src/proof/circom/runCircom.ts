import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { AssayError } from '../../errors.ts';

/**
 * Runs circom's compiler in a child process: it prints, and keeps gigabytes of WASM memory.
 *
 * @param folder working directory; the compiler sees nothing outside of it
 * @param args relative paths only
 * @returns what it said
 * @throws CIRCUIT_COMPILE_FAILED
 */
export function runCircom(folder: string, args: readonly string[]): Promise<string> {
  const here = fileURLToPath(import.meta.url);
  const child = fork(here.replace(/runCircom\.(ts|js)$/, 'circomWorker.$1'), args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: ['--no-warnings'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-100_000);
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve(stripVTControlCharacters(said));
      else {
        reject(
          new AssayError('CIRCUIT_COMPILE_FAILED', `circom failed (${signal ?? `exit code ${code}`})`, {
            details: stripVTControlCharacters(said).slice(-4000),
            hint: signal === 'SIGKILL' ? 'The machine ran out of memory: choose a smaller circuit.' : 'This is a bug: please report it.',
          }),
        );
      }
    });
  });
}
